"""Attribution: how much each word contributes to a target's score, for both models alike, and how far to trust that.

In reading order: `score_function` (what is attributed), `baselines`, `unit_scores` (what every method returns), the
methods (`integrated_gradients`, `gradients`, `layer_conductance`, `occlusion`, `rollout`), `methods` (their table and
`attribute`), `faithfulness`, `measured` and `robustness` (their quality), `shared_scale` (both models in comparable
shares), `agreement`, `layers` and `edit_effect` (before and after an edit).
"""
