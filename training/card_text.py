"""What the model card says in prose: templates without a measured number."""

HEAD = """---
language: en
license: apache-2.0
base_model: {start}
library_name: transformers
tags:
  - bert
  - distilbert
  - knowledge-distillation
  - lora
  - fill-mask
  - text-classification
  - token-classification
  - question-answering
datasets: [squad, nyu-mll/glue]
metrics: [perplexity, accuracy, f1, exact_match]
---
# A small BERT, the DistilBERT distilled from it, and adapters of four tasks for each

Small enough to live in the project's repository. The teacher is a published encoder that was trained further here; the
student was distilled from it, and both learned the tasks, as the papers have it
([BERT](https://arxiv.org/abs/1810.04805), [DistilBERT](https://arxiv.org/abs/1910.01108)) but for the adapters
([LoRA](https://arxiv.org/abs/2106.09685)). They show what distillation keeps and loses.

| task | teacher | student |
|---|---|---|
{folders}

`teacher/` and `student/` are the two encoders, which fill in masks. `<task>/teacher/` and `<task>/student/` are
adapters to them in [PEFT](https://huggingface.co/docs/peft)'s format, with the task's head, and `labels.json` names the
classes. Weights are stored in half precision and loaded as float32. No file needs unpickling.

```python
from transformers import AutoModelForMaskedLM, AutoTokenizer

folder = "checkpoints/student"
tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForMaskedLM.from_pretrained(folder)
```

An adapter names its base relative to its own folder, so give the base yourself:

```python
import json
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

base, folder = "checkpoints/student", "checkpoints/sentiment/student"
labels = dict(enumerate(json.load(open(f"{{folder}}/labels.json"))))
model = AutoModelForSequenceClassification.from_pretrained(base, id2label=labels)
model = PeftModel.from_pretrained(model, folder).merge_and_unload()
tokenizer = AutoTokenizer.from_pretrained(base)
```
"""

ORIGIN = """## Origin
The teacher starts as [{start}](https://huggingface.co/{start}) (MIT licence; Beijing Academy of Artificial
Intelligence; [Xiao et al. 2024](https://arxiv.org/abs/2309.07597)): a BERT of 12 layers and 384 features, pre-trained
with RetroMAE and then trained for the likeness of texts. Its weights were read from its ONNX export. The licence,
`LICENSE.bge-small-en-v1.5`, lies beside the weights of `teacher/` and `student/` and has to travel with them.

Of its 30,522 word pieces those that our text uses most were kept, with every ASCII character, and a masked-language
head was added. In a small model word vectors are a large part of the weights: with all of them the student would be 32%
smaller than its teacher. So it has {fewer} fewer parameters, as DistilBERT has fewer than BERT-base.

What the published encoder had read we do not have. Its training for likeness may have used questions and paragraphs of
SQuAD, from which question answering and sentence pairs are made, and pairs of sentences of NLI data: what is called
held out below is held out of **our** training.
"""

ABOUT_CURVES = (
    "Losses in nats but for the cosine distance; the student's last loss is the weighted sum. A peak in the curves of "
    "teacher and student is the change of sequence length."
)

ABOUT_RESULTS = (
    "In brackets the central 95% of 1,000 bootstrap samples (of sequences for fill-mask, of examples otherwise). The "
    "difference is the student's value less the teacher's on the same examples, in percentage points but for "
    "perplexity. `probes` is the share of our own sentences that a side answers as a person would; they were written "
    "before any answer of this pair was seen. `evaluation.json` holds the same figures.\n"
)

LIMITS = """## Limits
* Small models. The teacher read {passes:.1f} times the packed corpus here; what its start had read before is not known
  in detail (see Origin).
* Two thirds of the raw text are novels of the 19th century; expository text is read three times as often.
* The text has the biases of its sources (film reviews of the 2000s, news of one broadcaster, Victorian novels, the web
  text of the start), and the models repeat them.
* English only, lower-cased; letters outside the common Latin ones become `[UNK]`.
* Documents are held out as blocks of neighbouring lines (about 6,000 words, one block in 64), since the files do not
  mark where articles end: other chapters of a held-out book may have been read.
* Unlabelled text of the tasks' training parts was read in pre-training here, that of their dev and test parts was not.
* Each task is measured on the data set it was learned from; how well a text of another kind is judged was not measured.
* One run of each stage, but for the teachers that were trained twice: another random seed would move the numbers; the
  intervals speak of other examples alone.
"""
