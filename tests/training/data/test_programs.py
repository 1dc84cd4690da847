import pytest

from core.errors import ConfigError
from core.space import Parameter, ParameterSpace
from training.data.programs import read_programs, write_programs

SPACE = ParameterSpace(
    "two", "plugin:Two.so", [Parameter(name=n, label=n, low=0.0, high=1.0) for n in ("b", "a, c")]
)


def test_programs_come_back_in_the_order_of_the_space(tmp_path):
    write_programs(
        tmp_path / "programs.csv", [{"a, c": 0.25, "b": 1.0, "x": 0.5}, {"a, c": 0.125, "b": 0.0, "x": 0}]
    )
    assert read_programs(tmp_path / "programs.csv", SPACE).tolist() == [[1.0, 0.25], [0.0, 0.125]]


@pytest.mark.parametrize("text", ["", "b\n1", 'b,"a, c"\n1', 'b,"a, c"\n1,x', 'b,"a, c"\n1,2', 'b,"a, c"'])
def test_a_damaged_table_is_one_clear_line(text, tmp_path):
    (tmp_path / "programs.csv").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="holds no programs of two") as error:
        read_programs(tmp_path / "programs.csv", SPACE)
    assert "\n" not in str(error.value)
