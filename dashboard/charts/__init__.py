"""Charts: a value in, a Plotly figure out. No Streamlit here, so that a test can read every figure."""
