"""Counterfactual trade technologies of a batch: what a change does to the matrices of the model.

Every counterfactual replaces the matrices ``K = pi * (d (1+t') / (1+t)) ** -theta`` (what a unit of
spending buys from whom, tariff included) and ``G = K / (1 + t')`` (the same at producer prices).
The solver needs them only through three products with vectors. A counterfactual that changes few
entries therefore uses the baseline matrices, shared by the whole batch, plus its own corrections;
one that changes many has matrices of its own. Which of the two applies is decided from the
counterfactual alone, so that its result does not depend on the batch it came in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from sim.types import Bools, Floats, Indices

# Rows handed to one matrix product. Larger blocks are no faster at the size of the world, and the
# kernels of a BLAS treat the rows of larger blocks differently by position.
_BLOCK = 4
# Bytes of a matrix worked on at once when technologies are built: stays in a second-level cache.
_SLAB = 320_000
# Below this remaining share of a row or column, baseline plus correction would cancel digits.
_CANCELLATION = 0.05


class Product:
    """Rows times a fixed matrix, with a result per row that no other row can influence.

    Blocks of rows go through one matrix product each. Whether the BLAS at hand treats all rows of
    a block alike is tried once per matrix; if it does not, the rows go one by one.

    Parameters
    ----------
    matrix
        The right factor, (N, N).

    Examples
    --------
    >>> rows = np.arange(6.0).reshape(3, 2)
    >>> Product(np.eye(2))(rows).tolist() == rows.tolist()
    True
    """

    def __init__(self, matrix: Floats) -> None:
        self._matrix = np.ascontiguousarray(matrix)
        size = len(matrix)
        probe = np.cos(np.arange(1.0, _BLOCK * size + 1)).reshape(_BLOCK, size)
        turned = np.roll(probe, 1, axis=0)
        alike = np.array_equal(np.roll(probe @ self._matrix, 1, axis=0), turned @ self._matrix)
        self._block = _BLOCK if alike else 1

    def __call__(self, rows: Floats) -> Floats:
        """Return ``rows @ matrix``, (B, N)."""
        count, size = rows.shape
        padding = -count % self._block
        if padding:
            padded = np.zeros((count + padding, size))
            padded[:count] = rows
            rows = padded
        stacked = np.matmul(rows.reshape(-1, self._block, size), self._matrix)
        return np.asarray(stacked.reshape(-1, size)[:count])


@dataclass(frozen=True, eq=False)
class Baseline:
    """The observed economy in the form the solver needs (values as shares of world output).

    Attributes
    ----------
    elasticity
        Trade elasticity theta.
    tariffs
        Baseline tariffs, (N, N).
    shares
        Expenditure shares pi, tariff included, (N, N); columns sum to one.
    scaled
        ``shares * (1 + tariffs) ** elasticity``, (N, N): pi without what tariffs took from it.
    net
        ``shares / (1 + tariffs)``, (N, N): the matrix G of the unchanged economy.
    output, deficits
        Output of each country and what it spends beyond it, at producer prices, (N,).
    by_net, by_net_transposed, by_shares
        Products with those matrices.
    is_balanced
        No country has a deficit.
    """

    elasticity: float
    tariffs: Floats
    shares: Floats
    scaled: Floats
    net: Floats
    output: Floats
    deficits: Floats
    by_net: Product
    by_net_transposed: Product
    by_shares: Product
    is_balanced: bool

    @cached_property
    def unchanged(self) -> tuple[Floats, Floats, Floats]:
        """Spending, demand and sales at unit wages in the unchanged economy, (N,) each."""
        spending = self.net.sum(axis=0)
        demand = (self.output + self.deficits) / spending
        return spending, demand, self.net @ demand


class Technology(Protocol):
    """The three products of a batch of counterfactual technologies; all arrays (B, N)."""

    @property
    def domestic(self) -> Floats:
        """Diagonal of G."""
        ...

    @property
    def spare(self) -> float:
        """How many times fewer rows there must be before `take` pays."""
        ...

    def spending(self, u: Floats) -> Floats:
        """Return ``sum_i u_i G_ij``."""
        ...

    def sales(self, v: Floats) -> Floats:
        """Return ``sum_j G_ij v_j``."""
        ...

    def index(self, u: Floats) -> Floats:
        """Return ``sum_i u_i K_ij``."""
        ...

    def take(self, rows: Indices) -> Technology:
        """Return the technology of some of the counterfactuals."""
        ...

    def matrix(self, row: int) -> Floats:
        """Return the matrix G of one counterfactual, (N, N)."""
        ...


@dataclass(frozen=True, eq=False)
class DenseTechnology:
    """Counterfactuals with matrices of their own, ``net`` (G) and ``gross`` (K), (B, N, N).

    ``rows`` are those of them that are meant, None for all.
    """

    net: Floats
    gross: Floats
    domestic: Floats
    rows: Indices | None = None
    spare: float = 1.2

    def _times(self, vectors: Floats, matrices: Floats) -> Floats:
        if self.rows is None:
            return np.asarray(np.matmul(vectors[:, None, :], matrices)[:, 0, :])
        # One by one costs less than copying matrices together, and is the same product.
        out = np.empty_like(vectors)
        for vector, row, into in zip(vectors, self.rows, out, strict=True):
            np.matmul(vector, matrices[row], out=into)
        return out

    def spending(self, u: Floats) -> Floats:
        """Return ``sum_i u_i G_ij``."""
        return self._times(u, self.net)

    def sales(self, v: Floats) -> Floats:
        """Return ``sum_j G_ij v_j``."""
        return self._times(v, self.net.transpose(0, 2, 1))

    def index(self, u: Floats) -> Floats:
        """Return ``sum_i u_i K_ij``."""
        return self._times(u, self.gross)

    def take(self, rows: Indices) -> DenseTechnology:
        """Return the technology of some of the counterfactuals."""
        chosen = rows if self.rows is None else self.rows[rows]
        return DenseTechnology(self.net, self.gross, self.domestic[rows], chosen)

    def matrix(self, row: int) -> Floats:
        """Return the matrix G of one counterfactual, (N, N)."""
        return np.asarray(self.net[row if self.rows is None else self.rows[row]])


@dataclass(frozen=True, eq=False)
class SparseTechnology:
    """Counterfactuals as corrections to the baseline: change e adds to one G[i, j] and K[i, j].

    ``seller`` and ``buyer`` are the flat positions of exporter and importer in (B, N) arrays,
    ``net`` and ``gross`` what is added to G and K; all (E,).
    """

    baseline: Baseline
    count: int
    seller: Indices
    buyer: Indices
    net: Floats
    gross: Floats
    domestic: Floats
    spare: float = 3.0

    def _correct(self, product: Floats, to: Indices, values: Floats) -> Floats:
        product += np.bincount(to, values, product.size).reshape(product.shape)
        return product

    def spending(self, u: Floats) -> Floats:
        """Return ``sum_i u_i G_ij``."""
        return self._correct(self.baseline.by_net(u), self.buyer, u.ravel()[self.seller] * self.net)

    def sales(self, v: Floats) -> Floats:
        """Return ``sum_j G_ij v_j``."""
        product = self.baseline.by_net_transposed(v)
        return self._correct(product, self.seller, v.ravel()[self.buyer] * self.net)

    def index(self, u: Floats) -> Floats:
        """Return ``sum_i u_i K_ij``."""
        return self._correct(
            self.baseline.by_shares(u), self.buyer, u.ravel()[self.seller] * self.gross
        )

    def take(self, rows: Indices) -> SparseTechnology:
        """Return the technology of some of the counterfactuals."""
        size = len(self.baseline.output)
        item, exporter = np.divmod(self.seller, size)
        position = np.full(self.count, -1, dtype=np.intp)
        position[rows] = np.arange(len(rows))
        start = position[item] * size
        keep = start >= 0
        seller = (start + exporter)[keep]
        buyer = (start + self.buyer % size)[keep]
        change = (self.net[keep], self.gross[keep])
        return SparseTechnology(
            self.baseline, len(rows), seller, buyer, *change, self.domestic[rows]
        )

    def matrix(self, row: int) -> Floats:
        """Return the matrix G of one counterfactual, (N, N)."""
        size = len(self.baseline.output)
        item, exporter = np.divmod(self.seller, size)
        mine = item == row
        net = self.baseline.net.copy()
        net[exporter[mine], self.buyer[mine] % size] += self.net[mine]
        return net

    def cancels(self) -> Bools:
        """Whether corrections leave so little of a row or column that digits are lost, (B,)."""
        size = len(self.baseline.output)
        shape = (self.count, size)
        spending, demand, sales = self.baseline.unchanged
        sold = np.bincount(self.seller, self.net * demand[self.buyer % size], self.count * size)
        bought = np.bincount(self.buyer, self.net, self.count * size)
        left = np.minimum(
            bought.reshape(shape) / spending,
            sold.reshape(shape) / sales,
        )
        return np.asarray(left.min(axis=1) < _CANCELLATION - 1.0)


def power_of(elasticity: float) -> Callable[[Floats, Floats], Floats]:
    """Return the function that writes an array to the power of the elasticity into another.

    Whole elasticities are multiplied out, which is several times faster than a general power.

    Examples
    --------
    >>> power_of(4.0)(np.array([2.0]), np.empty(1)).tolist()
    [16.0]
    >>> power_of(0.5)(np.array([9.0]), np.empty(1)).round(9).tolist()
    [3.0]
    """
    whole = int(elasticity)

    def general(base: Floats, out: Floats) -> Floats:
        np.log(base, out=out)
        np.multiply(out, elasticity, out=out)
        return np.exp(out, out=out)

    def multiplied(base: Floats, out: Floats) -> Floats:
        bits = bin(whole)[3:]
        if not bits:
            np.copyto(out, base)
            return out
        once = base.copy() if "1" in bits and out is base else base
        for position, bit in enumerate(bits):
            square = out if position else base
            np.multiply(square, square, out=out)
            if bit == "1":
                np.multiply(out, once, out=out)
        return out

    return multiplied if whole == elasticity and whole <= 16 else general
