"""Patches and places of a vision transformer."""

from __future__ import annotations

import torch
from built import built, layer


def test_a_patch_depends_on_its_own_pixels_alone() -> None:
    net = layer("PatchEmbedding(features=5, patch_size=(2, 4))", 3, 4, 8)
    x = torch.randn(1, 3, 4, 8)
    before = net(x)
    assert before.shape == (1, 4, 5)
    x[:, :, 2:4, 0:4] += 1  # the third patch, row by row
    changed = (net(x) != before).any(dim=2)[0]
    assert changed.tolist() == [False, False, True, False]


def test_the_class_token_comes_first_and_learns() -> None:
    net = layer("ClassToken()", 4, 6)
    x = torch.randn(3, 4, 6)
    answer = net(x)
    assert torch.equal(answer[:, 1:], x)
    assert torch.equal(answer[:, 0], net.layer.token.expand(3, 6))
    answer[:, 0].sum().backward()
    assert torch.equal(net.layer.token.grad, torch.full((6,), 3.0))


def test_turned_vectors_meet_by_their_distance_alone() -> None:
    net = layer("RotaryPositionalEncoding()", 12, 8)
    query, key = torch.randn(8), torch.randn(8)
    turned_queries, turned_keys = (net(v.expand(1, 12, 8))[0] for v in (query, key))
    scores = turned_queries @ turned_keys.T
    for distance in range(-11, 12):
        line = scores.diagonal(distance)
        torch.testing.assert_close(line, line[:1].expand_as(line), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(scores.diagonal(), (query @ key).expand(12))
    torch.testing.assert_close(turned_queries.norm(dim=1), query.norm().expand(12))


def test_heads_are_turned_alike() -> None:
    x = torch.randn(2, 3, 5, 4)
    heads = layer("RotaryPositionalEncoding(base=100.0)", 3, 5, 4)(x)
    torch.testing.assert_close(heads[:, 1], layer("RotaryPositionalEncoding(base=100.0)", 5, 4)(x[:, 1]))


def test_a_vision_transformer_has_as_many_weights_as_measured() -> None:
    """Patches of 2×2 of an 8×8 image, 64 features, 4 heads, 3 blocks with the norm first: 152,202."""
    blocks = "\n".join(
        f"b{n} = TransformerEncoderLayer(nhead=4, dim_feedforward=256, norm_first=True)" for n in range(3)
    )
    net = built(f"""
        x = Input(shape=[1, 8, 8])
        patches = PatchEmbedding(features=64, patch_size=2)
        token = ClassToken()
        place = LearnedPositionalEncoding()
        {blocks}
        norm = LayerNorm()
        first = Select(dim=1, index=0)
        scores = Linear(out_features=10)
        y = Output()
        x -> patches -> token -> place -> b0 -> b1 -> b2 -> norm -> first -> scores -> y
    """)
    assert sum(weights.numel() for weights in net.parameters()) == 152_202
    assert net(torch.randn(2, 1, 8, 8)).shape == (2, 10)
