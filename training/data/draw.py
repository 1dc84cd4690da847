"""Priors by kind of sound, which draw patches that somebody might have made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from core.space import Parameter, ParameterSpace
from synths.catalog import facts_of
from training.data.canonical import Exchange, canonical

__all__ = ["Prior"]

_Rule = Any  # as in YAML; `_check_rule` defines what is allowed


@dataclass(frozen=True)
class Prior:
    """The distribution of training patches of one space.

    Attributes:
        space: The parameters drawn.
        rules: For each kind, a rule for every parameter that is not left neutral.
        exchanges: Parts that can be swapped without a difference.
        between: Probability that a patch lies on the line between two drawn patches: no sound that anybody
            intended, but one that macros, morphs and averaged answers pass through.
    """

    space: ParameterSpace
    rules: Mapping[str, Mapping[str, _Rule]]
    exchanges: Sequence[Exchange]
    between: float = 0.0

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of sound; a kind is stored as its index here."""
        return tuple(self.rules)

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, int]:
        """Draw one patch in canonical form; its volume is neutral.

        Returns:
            Float32 vector `(P,)`, and the index of its kind; between two patches, that of the nearer.
        """
        if self.between == 0.0 or rng.uniform() >= self.between:
            return self._draw_kind(rng)
        (first, first_kind), (second, second_kind) = self._draw_kind(rng), self._draw_kind(rng)
        along = float(rng.uniform())
        vector = first + np.float32(along) * (second - first)
        for k, parameter in enumerate(self.space):
            if parameter.scale == "indexed":
                vector[k] = parameter.normalized_raw(round(parameter.raw(float(vector[k]))))
        return canonical(vector, self.space, self.exchanges), first_kind if along < 0.5 else second_kind

    def _draw_kind(self, rng: np.random.Generator) -> tuple[np.ndarray, int]:
        kind = int(rng.integers(len(self.rules)))
        rules = self.rules[self.kinds[kind]]
        vector = self.space.neutral
        for k, parameter in enumerate(self.space):
            if parameter.name in rules:
                vector[k] = _draw_value(parameter, rules[parameter.name], rng)
        return canonical(vector, self.space, self.exchanges), kind

    @classmethod
    def uniform(cls, space: ParameterSpace) -> "Prior":
        """Return a prior that draws every parameter uniformly, for a synth of which nothing is known."""
        return cls(space, {"any": {p.name: [p.plain(0.0), p.plain(1.0)] for p in space}}, [])

    @classmethod
    def for_space(cls, space: ParameterSpace, path: Path | None = None) -> "Prior":
        """Read a synth's kinds of sound, keeping the parameters that the space has.

        Args:
            space: The space to draw in.
            path: Another file of kinds instead of the synth's own.

        Raises:
            ConfigError: There is no such file, or a rule is malformed or names an unknown parameter.
        """
        path = path or facts_of(space).kinds
        if path is None:
            raise ConfigError(f"no kinds of sound of {space.synth} are known to draw from.")
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            default, kinds = data["default"], data["kinds"]
            everything = {"default": default, **kinds}
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            raise ConfigError(f"{path} does not describe kinds of sound: {error!r}.") from error
        for kind, rules in everything.items():
            if not isinstance(rules, Mapping):
                raise ConfigError(f"{path.name}, {kind}: write `parameter: rule` lines below it.")
            for name, rule in rules.items():
                if name not in default:
                    raise ConfigError(
                        f"{path.name}, {kind}: no parameter '{name}'; {did_you_mean(name, default)}"
                    )
                _check_rule(rule, f"{path.name}, {kind}, {name}")
        merged = {kind: {**default, **rules} for kind, rules in kinds.items()}
        exchanges = [Exchange.from_dict(row, space) for row in data.get("exchangeable", ())]
        return cls(space, merged, [e for e in exchanges if e is not None])


def _draw_value(parameter: Parameter, rule: _Rule, rng: np.random.Generator) -> float:
    if isinstance(rule, dict) and "neutral" in rule:
        if rng.uniform() < rule["neutral"]:
            return parameter.neutral
        rule = rule["else"]
    if isinstance(rule, dict):
        return parameter.normalized(float(rng.choice(rule["pick"])))
    low, high = (parameter.normalized(float(plain)) for plain in rule)
    value = float(rng.uniform(low, high))
    if parameter.scale == "indexed":
        value = parameter.normalized_raw(round(parameter.raw(value)))
    return value


def _check_rule(rule: _Rule, where: str) -> None:
    if isinstance(rule, dict) and set(rule) == {"neutral", "else"}:
        chance = rule["neutral"]
        if isinstance(chance, int | float) and 0.0 <= chance <= 1.0:
            rule = rule["else"]
    if isinstance(rule, dict) and set(rule) == {"pick"} and rule["pick"]:
        return
    if isinstance(rule, list) and len(rule) == 2 and all(isinstance(v, int | float) for v in rule):
        return
    raise ConfigError(
        f"{where}: write [low, high], {{pick: [...]}} or {{neutral: chance, else: [low, high]}}."
    )
