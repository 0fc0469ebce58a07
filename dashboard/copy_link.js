// A link with a button that copies it. In a frame the browser may refuse: then the link is selected, for the keyboard.
export default function ({ parentElement, data }) {
  const link = Object.assign(document.createElement("code"), { className: "dl-link", textContent: data.link, tabIndex: 0 });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: data.copy });
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  button.onclick = async () => { said.textContent = (await copied(link, data.link)) ? data.copied : data.refused; };
  const root = document.createElement("div");
  root.className = "dl-copy";
  root.append(link, button, said);
  parentElement.replaceChildren(root);
}

async function copied(link, text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {  // not allowed in this frame, or not served safely
    getSelection().selectAllChildren(link);
    return document.execCommand("copy");
  }
}
