import networkx
import numpy as np
import pytest

from analysis.arrays import Array
from analysis.attention.rollout import FLOW_TOKENS, flow, rollout, with_residual
from analysis.errors import AnalysisError

# Two layers of two heads over two tokens. The heads' means are [[0.8, 0.2], [0.4, 0.6]] and [[0.6, 0.4], [0.2, 0.8]].
ATTENTIONS = np.array(
    [
        [[[1.0, 0.0], [0.5, 0.5]], [[0.6, 0.4], [0.3, 0.7]]],
        [[[0.7, 0.3], [0.0, 1.0]], [[0.5, 0.5], [0.4, 0.6]]],
    ],
    dtype=np.float32,
)


def tokens_alone(count: int) -> list[list[int]]:
    return [[token] for token in range(count)]


def random_attentions(count: int, layers: int, concentration: float = 0.3, heads: int = 2, seed: int = 0) -> Array:
    rows = np.random.default_rng(seed).dirichlet(np.full(count, concentration), size=(layers, heads, count))
    return rows.astype(np.float32)


def test_rollout_on_a_case_computed_by_hand() -> None:
    first = [[0.9, 0.1], [0.2, 0.8]]
    # [[0.8, 0.2], [0.1, 0.9]] times the first
    second = [[0.8 * 0.9 + 0.2 * 0.2, 0.8 * 0.1 + 0.2 * 0.8], [0.1 * 0.9 + 0.9 * 0.2, 0.1 * 0.1 + 0.9 * 0.8]]
    np.testing.assert_allclose(with_residual(ATTENTIONS)[1], [[0.8, 0.2], [0.1, 0.9]], atol=1e-7)
    np.testing.assert_allclose(rollout(ATTENTIONS), [first, second], atol=1e-7)
    assert second == [pytest.approx([0.76, 0.24]), pytest.approx([0.27, 0.73])]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_rows_of_rollout_sum_to_1(count: int) -> None:
    found = rollout(random_attentions(count, layers=4))
    assert found.shape == (4, count, count)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-12)
    with pytest.raises(ValueError, match="read-only"):
        found[...] = 0


def test_rollout_of_heads_that_look_at_themselves_stays_where_it_is() -> None:
    itself = np.broadcast_to(np.eye(5, dtype=np.float32), (3, 2, 5, 5))
    assert np.array_equal(rollout(itself), np.broadcast_to(np.eye(5), (3, 5, 5)))
    assert np.array_equal(flow(itself, [2], tokens_alone(5)), np.eye(5)[2])


def test_rollout_ignores_the_order_of_heads_and_not_that_of_layers() -> None:
    attentions = random_attentions(6, layers=3)
    np.testing.assert_allclose(rollout(attentions[:, ::-1]), rollout(attentions), atol=1e-12)
    assert not np.allclose(rollout(attentions[::-1])[-1], rollout(attentions)[-1], atol=1e-3)


def networkx_flow(attentions: Array, query: int, key: int) -> float:
    """The same graph, in floats: nodes (layer, token), edges downwards."""
    graph = networkx.DiGraph()
    for layer, weights in enumerate(with_residual(attentions)):
        for (above, below), capacity in np.ndenumerate(weights):
            graph.add_edge((layer + 1, above), (layer, below), capacity=float(capacity))
    return networkx.maximum_flow_value(graph, (len(attentions), query), (0, key))


@pytest.mark.parametrize("concentration", [0.05, 0.3, 3.0])
@pytest.mark.parametrize(("layers", "count"), [(1, 4), (2, 5), (3, 4), (4, 6)])
def test_flow_is_the_maximum_flow_of_networkx(layers: int, count: int, concentration: float) -> None:
    attentions = random_attentions(count, layers, concentration, seed=layers)
    for query in (0, count - 1):
        found = flow(attentions, [query], tokens_alone(count))
        expected = [networkx_flow(attentions, query, key) for key in range(count)]
        np.testing.assert_allclose(found, expected, atol=layers * count**2 * 2**-31)


def test_flow_between_several_tokens_is_that_between_nodes_above_and_below_them() -> None:
    """networkx: a node that sends a third of each token's capacity through each of three, and one that takes a word."""
    attentions, queries, words = random_attentions(5, layers=3), [1, 2, 4], [[0], [1, 2], [3, 4]]
    graph = networkx.DiGraph()
    for layer, weights in enumerate(with_residual(attentions)):
        for (above, below), capacity in np.ndenumerate(weights):
            share = 1 / 3 if layer == 2 else 1
            graph.add_edge((layer + 1, above), (layer, below), capacity=float(capacity) * share)
    for query in queries:
        graph.add_edge("source", (3, query))  # without a capacity: unlimited
    for word in words:
        for key in word:
            graph.add_edge((0, key), f"word {word[0]}")
    expected = [networkx.maximum_flow_value(graph, "source", f"word {word[0]}") for word in words]
    np.testing.assert_allclose(flow(attentions, queries, words), expected, atol=3 * 25 * 2**-31)


def test_flow_on_a_case_computed_by_hand() -> None:
    """From token 0, 0.8 and 0.2 go down; from there 0.9 and 0.2 can go on to token 0, 0.1 and 0.8 to token 1."""
    np.testing.assert_allclose(flow(ATTENTIONS, [0], tokens_alone(2)), [0.8 + 0.2, 0.1 + 0.2], atol=1e-7)


def test_flow_is_at_most_1_and_at_least_rollout() -> None:
    """Rollout sends a flow too, so the largest cannot be smaller; and no more than 1 leaves a token."""
    attentions = random_attentions(9, layers=4)
    found = flow(attentions, [3], tokens_alone(9))
    assert (found <= 1 + 1e-7).all()
    assert (found >= rollout(attentions)[-1, 3] - 1e-7).all()
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 0


def test_flow_refuses_a_text_that_would_take_too_long() -> None:
    count = FLOW_TOKENS + 1
    attentions = np.broadcast_to(np.eye(count, dtype=np.float32), (1, 1, count, count))
    with pytest.raises(AnalysisError, match=r"has 129 tokens; .* at most 128\. Shorten the text, or use rollout\."):
        flow(attentions, [0], tokens_alone(count))
