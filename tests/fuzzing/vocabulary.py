"""What the readers of a checkpoint's files know: keys, values, and whole components of a tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

CONFIG_WORDS = """
num_labels dtype torch_dtype chunk_size_feed_forward pruned_heads tie_word_embeddings problem_type
position_embedding_type relative_key rope_parameters rope_scaling auto_map attn_implementation _attn_implementation
_attn_implementation_internal _name_or_path torchscript quantization_config return_dict output_attentions is_decoder
is_encoder_decoder base_model_tp_plan use_cache cross_attention_hidden_size add_cross_attention float16 bfloat16
float64 int8 seq_classif_dropout qa_dropout sinusoidal_pos_embds n_layers n_heads dim hidden_dim relu gelu_new silu
linear attribute_map id2label label2id sub_configs layer_types
"""
TOKENIZER_WORDS = """
type WordPiece BPE Unigram WordLevel vocab merges unk_token max_input_chars_per_word Sequence normalizers
pretokenizers processors BertNormalizer Lowercase NFKC Strip Replace pattern Regex String content Prepend
Precompiled BertPreTokenizer ByteLevel Metaspace Whitespace WhitespaceSplit Split Punctuation Digits
CharDelimiterSplit behavior Removed Isolated invert TemplateProcessing BertProcessing RobertaProcessing single pair
special_tokens truncation padding direction Left max_length strategy Fixed BatchLongest LongestFirst OnlyFirst
stride pad_to_multiple_of continuing_subword_prefix added_tokens normalized single_word lstrip rstrip special id
content tokens ids A B (a+)+$ (?=x) [ .* lowercase strip_accents clean_text handle_chinese_chars ##
"""
# Whole components of a tokenizer.json, by the key that they stand under: valid, and seldom what BERT has.
LETTER: dict[str, Any] = {"String": "a"}
ADDED = {"id": 200, "content": "film", "special": False, "single_word": False, "lstrip": True, "rstrip": True}
PADDED = {"direction": "Left", "pad_id": 9, "pad_type_id": 3, "pad_token": "x", "pad_to_multiple_of": None}
TOKENIZER_PARTS: dict[str, Sequence[Any]] = {
    "normalizer": (
        None,
        *({"type": kind} for kind in ("Lowercase", "NFKC", "StripAccents", "Nmt")),
        *({"type": "Replace", "pattern": LETTER, "content": content} for content in ("", "b", "the " * 500)),
        {"type": "Replace", "pattern": {"Regex": "(x+x+)+y"}, "content": ""},
        {"type": "Replace", "pattern": {"Regex": "(?=)"}, "content": "a"},
        {"type": "Replace", "pattern": {"Regex": "."}, "content": ""},
        {"type": "Strip", "strip_left": True, "strip_right": True},
        {"type": "Prepend", "prepend": "the "},
        {"type": "ByteLevel"},
        {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "NFD"}]},
    ),
    "pre_tokenizer": (
        None,
        *({"type": kind} for kind in ("Whitespace", "WhitespaceSplit", "UnicodeScripts")),
        {
            "type": "Sequence",
            "pretokenizers": [{"type": "Whitespace"}, {"type": "Punctuation", "behavior": "Isolated"}],
        },
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always", "split": True},
        *(
            {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}
            for pattern in (LETTER, {"Regex": "."}, {"Regex": ""})
            for behavior in ("Removed", "Isolated", "MergedWithNext")
            for invert in (True, False)
        ),
    ),
    "post_processor": (
        None,
        {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        {"type": "BertProcessing", "sep": ["[SEP]", 300], "cls": ["[CLS]", 2**31]},
        {"type": "RobertaProcessing", "sep": ["x", 3], "cls": ["y", 2], "trim_offsets": True, "add_prefix_space": True},
        {"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}},
        {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 7}}] * 2,
            "pair": [{"Sequence": {"id": "B", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 1}}],
            "special_tokens": {},
        },
        {"type": "Sequence", "processors": []},
    ),
    "model": (
        {"type": "WordLevel", "vocab": {"[UNK]": 0, "the": 1}, "unk_token": "[UNK]"},
        {"type": "WordLevel", "vocab": {"[UNK]": 0, "the": 10**6}, "unk_token": "none"},
        {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]], "unk_token": None},
        {"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0], ["a", -1.0]], "byte_fallback": False},
    ),
    "truncation": ({"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 2},),
    "padding": tuple(PADDED | {"strategy": kind} for kind in ("BatchLongest", {"Fixed": 100}, {"Fixed": 2**62})),
    "added_tokens": ([], [ADDED | {"normalized": True}], [ADDED | {"normalized": False, "content": "", "id": 3}]),
    "decoder": (None, {"type": "ByteLevel"}),
}
OPTION_WORDS = """
tokenizer_class BertTokenizerFast PreTrainedTokenizerFast DistilBertTokenizer GPT2Tokenizer T5Tokenizer
BertJapaneseTokenizer LlamaTokenizer tokenizer_file auto_map added_tokens_decoder additional_special_tokens
extra_special_tokens padding_side truncation_side left model_max_length chat_template clean_up_tokenization_spaces
never_split model_input_names input_ids vocab_file __type AddedToken content bos_token eos_token tokenizers
sentencepiece backend model_type name_or_path special_tokens_map_file processor_class split_special_tokens
do_basic_tokenize
"""
ADAPTER_WORDS = """
LORA IA3 gaussian pissa olora eva loftq lora_only all-linear classifier pre_classifier query q_lin SEQ_CLS TOKEN_CLS
owner/name owner/name@x config.json
"""
