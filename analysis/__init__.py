"""Pure computation: texts and models in, immutable values out. No Streamlit, no drawing, no global state."""
