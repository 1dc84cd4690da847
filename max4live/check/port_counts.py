"""How many inlets and outlets Max's own objects have, wider than the builder's table.

Measured, not remembered: an object is here if at least two public collections use it and the boxes that
Max 6 to 9 saved agree (see the counts in max4live/README.md). Where versions of Max differ, both counts
are here. What is absent is not judged: other people's objects and abstractions, and objects whose ports
depend on a file, such as `js`, `poly~` or `gen~`.
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

from max4live.builder.objects import words

__all__ = ["DRAWN", "PortCounts", "ports_of_text"]

Span = tuple[int, int]  # lowest and highest count in any version of Max from 6 on
Arguments = list[str]


@dataclass(frozen=True)
class PortCounts:
    """The inlets and outlets of an object, each as the lowest and the highest count."""

    inlets: Span
    outlets: Span

    def agrees(self, n_inlets: int, n_outlets: int) -> bool:
        """Whether a version of Max makes as many."""
        return (
            self.inlets[0] <= n_inlets <= self.inlets[1] and self.outlets[0] <= n_outlets <= self.outlets[1]
        )


# Inlets/outlets, then the objects with just as many.
_FIXED = """
0-1/0: comment live.comment
0-1/1: active closebang
0/0: live.toolbar
0/1: inlet
0/4: key keyup
1-2/2: gain~
1-2/8-9: transport
1/0: dict.print dict.view forward hint live.line mc.dac~ mc.ezdac~ mc.send~ midiout onecopy out outlet out~
 panel s send send~ standalone s~ udpsend universal
1-2/0: print
1/0-1: fpic live.banks
1/1: abs absolutepath abs~ append array.tolist atan atodb atodb~ attrui average~ avg~ button change~ click~
 cos cos~ cpuclock dbtoa defer deferlow delta~ dial dict.group dict.iter error filepath filterdesign
 fontlist freebang fromsymbol ftom ftom~ in incdec in~ iter jit.displays jit.gl.light jit.gl.physdraw
 jit.matrixinfo jweb led levelmeter~ listfunnel live.arrows live.button live.toggle loadbang
 loadmess match mc.adc~ mc.dup~ mc.mtof~ mc.noise~ mc.receive~ mc.sig~ mc.sum~ meter~ midiflush midiin
 mousefilter mtof mtof~ mute~ noise~ pass~ past pattrforward pattrstorage pcontrol phasewrap~ pictctrl pink~
 prepend pv radiogroup rand~ receive~ rtin r~ sig~ sin sinx~ slider sqrt sqrt~ string.tosymbol suckah tanh~
 tapin~ thru timepoint toggle tosymbol translate udpreceive v value
1/1-2: live.drop live.meter~
1/1-3: ctlin
1/2: array.frombuffer bline buffer~ colorpicker conformpath dict.strip dropfile edge~ ezadc~ flonum folder
 gestalt hi jit.anim.drive jit.anim.node jit.bfg jit.brcosa jit.change jit.clip jit.dimmap jit.euler2quat
 jit.fft jit.fill jit.fpsgui jit.gencoord jit.gl.camera jit.gl.graph jit.gl.gridshape jit.gl.handle
 jit.gl.isosurf jit.gl.model jit.gl.nurbs jit.gl.path jit.gl.render jit.gl.shader jit.gl.sketch
 jit.gl.text2d jit.gl.text3d jit.gl.texture jit.gl.videoplane jit.grab jit.gradient jit.graph jit.histogram
 jit.lcd jit.map jit.matrix jit.matrixset jit.movie jit.noise jit.normalize jit.p.shiva jit.p.vishnu
 jit.phys.body jit.phys.picker jit.phys.world jit.print jit.pwindow jit.qt.grab jit.qt.movie jit.qt.record
 jit.rgb2luma jit.robcross jit.rota jit.scalebias jit.scanslide jit.scanwrap jit.slide jit.spill
 jit.str.fromsymbol jit.str.tosymbol jit.submatrix jit.transpose jit.window live.colors live.dial
 live.numbox live.slider live.text matrixctrl maxurl mcs.matrix~ mean mstosamps~ multislider node.script
 number opendialog patcherargs pattrhub playbar polybuffer~ sampstoms~ screensize serial strippath
 thispatcher togedge xbendin zerox~
1/2-3: live.tab notein seq thispoly~
1/3: change date fftin~ fzero~ getattr jit.buffer~ jit.findbounds jit.gl.node jit.iter jit.playlist
 jit.split jit.textfile jit.world live.menu live.path live.thisdevice nodes pattr savedialog seq~ sync~ tab
 text textbutton umenu
1/3-4: textedit
1/4: autopattr coll dspstate~ fftinfo~ function hover jit.3m lcd ubutton xydisplay
1/4-5: playlist~ preset
1/5: live.step modifiers mousestate regexp
1/6: sfinfo~ typeroute~
1/7-8: midiparse
1/8: midiselect
1/8-10: info~
1/9: plugsync~
10/10: live.adsrui
11/3: live.adsr~
2/0: ezdac~ fftout~ pgmout scope~
2/0-1: live.remote~ spectroscope~
2/1: !- !-~ !/ !/~ != % %~ & && * *~ + +=~ +~ - -~ / /~ < << <= <=~ <~ == ==~ > >= >=~ >> >~ atan2 cascade~
 clocker count~ cycle~ decide del delay delay~ dict.join downsamp~ f float i int jit.net.send live.modulate~
 live.object live.scope~ maximum~ mc.*~ mc.+~ mc.cycle~ mc.delay~ mc.mixdown~ mc.phasor~ mc.stereo~ message
 metro midiinfo minimum~ normalize~ onepole~ overdrive~ peakamp~ phasor~ pow pow~ qlim qmetro random rate~
 round round~ sah~ saw~ snapshot~ speedlim thresh triangle~ | ||
2/2: adstatus cartopol cartopol~ cross~ ddg.mono flush freqshift~ histo itable jit.* jit.alphablend
 jit.charmap jit.chromakey jit.concat jit.convolve jit.eclipse jit.op jit.peek~ jit.repos jit.xfade kslider
 line~ list.ecils list.group list.iter list.len list.lookup list.nth list.reg list.rev list.slice
 live.observer maximum mc.target minimum nslider number~ onebang pictslider pitchshift~ poltocar poltocar~
 rslider stripnote substitute swap table timer urn zl zl.change zl.compare zl.delace zl.ecils zl.filter
 zl.group zl.iter zl.join zl.lace zl.len zl.lookup zl.median zl.mth zl.nth zl.queue zl.reg zl.rev zl.rot
 zl.scramble zl.slice zl.sort zl.stream zl.sub zl.sum zl.thin
2/2-3: dialog
2/3: array fft~ mc.line~ mc.number~ peak trough uzi
2/3-4: jit.cellblock poly
2/4: omx.peaklim~
2/4-5: dict
2/6: live.grid
3/0: ctlout noteout
3/0-1: poke~
3/1: accum allpass~ atoi buffir~ clip clip~ degrade~ drunk itoa lookup~ lores~ peek~ pong~
 rampsmooth~ rect~ slide slide~ thresh~ trapezoid~ tri~
3/2: curve~ line split sustain swatch train~
3/4: svf~
3/9: borax
4/0: bgcolor
4/1: ioscbank~ mc.reson~ oscbank~ quickthresh reson~ tempo
5/1: comb~ zmap
5/4: adsr~ counter
5/5: mc.adsr~
5/6: waveform~
6-7/1-2: midiformat
6/1: biquad~ mc.scale~ scale scale~
8/7: filtergraph~
9/2: jit.gl.mesh
"""


def _span(text: str) -> Span:
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def _read_fixed() -> dict[str, PortCounts]:
    found = {}
    for line in _FIXED.replace("\n ", " ").split("\n"):
        counts, _, names = line.partition(": ")
        inlets, _, outlets = counts.partition("/")
        for name in names.split():
            found[name] = PortCounts(_span(inlets), _span(outlets))
    return found


def _exact(n_inlets: int, n_outlets: int) -> PortCounts:
    return PortCounts((n_inlets, n_inlets), (n_outlets, n_outlets))


def _number(arguments: Arguments, position: int, default: int) -> int:
    return int(float(arguments[position])) if len(arguments) > position else default


def _count(default: int) -> Callable[[Arguments], int]:
    return lambda arguments: len(arguments) or default


def _first(default: int, lowest: int = 1) -> Callable[[Arguments], int]:
    return lambda arguments: max(lowest, _number(arguments, 0, default))


def _receive(arguments: Arguments) -> PortCounts:
    return _exact(0 if arguments else 1, 1)  # without a name, an inlet takes one


def _route(arguments: Arguments) -> PortCounts:
    n = _count(1)(arguments) + 1
    return _exact(n, n)


def _play(arguments: Arguments) -> int:
    return max(1, _number(arguments, 1, 1)) + 1


def _sfplay(arguments: Arguments) -> PortCounts:
    channels = next((int(a) for a in arguments if a.isdigit()), 1)
    return PortCounts((2, 2), (channels + 1, channels + 1 + (len(arguments) > 2)))


def _track(arguments: Arguments) -> PortCounts:
    if arguments[:1] == ["@chans"]:
        n = _number(arguments, 1, 2)
    else:
        n = len(list(itertools.takewhile(str.isdigit, arguments))) or 2
    return _exact(n, n)


def _placeholders(arguments: Arguments) -> PortCounts:
    found = [int(n) for n in re.findall(r"\$[ifs](\d+)", " ".join(arguments))]
    return _exact(max([1, *found]), 1)


def _sprintf(arguments: Arguments) -> PortCounts:
    plain = " ".join(arguments).replace("%%", "")
    return _exact(max(1, plain.count("%")), 1)


_same = _first(2)
_VARIABLE: dict[str, Callable[[Arguments], PortCounts]] = {
    "adc~": lambda a: _exact(1, _count(2)(a)),
    "b": lambda a: _exact(1, _first(2)(a)),
    "bondo": lambda a: _exact(max(2, _same(a)), max(2, _same(a))),
    "bucket": lambda a: _exact(1, _first(1)(a)),
    "buddy": lambda a: _exact(_same(a), _same(a)),
    "cycle": lambda a: _exact(1, _first(1)(a)),
    "dac~": lambda a: _exact(_count(2)(a), 0),
    "expr": _placeholders,
    "funnel": lambda a: _exact(_first(2)(a), 1),
    "gate": lambda a: _exact(2, _first(1)(a)),
    "groove~": lambda a: _exact(3, _play(a)),
    "join": lambda a: _exact(_first(2)(a), 1),
    "makenote": lambda a: _exact(4, 3) if len(a) > 2 else _exact(3, 2),
    "matrix~": lambda a: _exact(int(float(a[0])), int(float(a[1])) + 1),
    "mc.combine~": lambda a: _exact(_same(a), 1),
    "mc.pack~": lambda a: _exact(_same(a), 1),
    "mc.unpack~": lambda a: _exact(1, _same(a)),
    "pack": lambda a: _exact(_count(2)(a), 1),
    "pipe": lambda a: _exact(max(2, len(a)), max(1, len(a) - 1)),
    "play~": lambda a: _exact(1, _play(a)),
    "plugin~": _track,
    "pvar": lambda a: _exact(1, max(1, _number(a, 1, 1))),
    "r": _receive,
    "record~": lambda a: _exact(max(1, _number(a, 1, 1)) + 2, 1),
    "route": _route,
    "sel": _route,
    "selector~": lambda a: _exact(_first(1)(a) + 1, 1),
    "sfplay~": _sfplay,
    "spray": lambda a: _exact(1, _first(2)(a)),
    "sprintf": _sprintf,
    "switch": lambda a: _exact(_first(2, 2)(a) + 1, 1),
    "t": lambda a: _exact(1, _count(2)(a)),
    "tapout~": lambda a: _exact(_count(1)(a), _count(1)(a)),
    "unjoin": lambda a: _exact(1, _first(2)(a) + 1),
    "unpack": lambda a: _exact(1, _count(2)(a)),
}
_VARIABLE |= {
    name: _VARIABLE[other]
    for name, other in (
        ("bangbang", "b"), ("gate~", "gate"), ("mc.selector~", "selector~"), ("pak", "pack"),
        ("plugout~", "plugin~"), ("receive", "r"), ("routepass", "route"), ("select", "sel"),
        ("trigger", "t"), ("vexpr", "expr"),
    )
}  # fmt: skip
_TAKE_ANY_WORD = {
    "t", "trigger", "route", "routepass", "sel", "select", "pack", "pak", "plugin~", "plugout~",
    "sprintf",
}  # fmt: skip
_KNOWN = _read_fixed()
# Names that only a drawn box has, as its maxclass; a `newobj` with this text would be an abstraction.
DRAWN = frozenset(
    """
attrui button comment dial dict.view dropfile ezadc~ ezdac~ filtergraph~ flonum fpic function gain~
hint incdec inlet itable jit.cellblock jit.fpsgui jit.playlist jit.pwindow jweb kslider lcd led
levelmeter~ live.adsrui live.arrows live.button live.comment live.dial live.drop live.grid live.line
live.menu live.meter~ live.numbox live.scope~ live.slider live.step live.tab live.text live.toggle
live.toolbar matrixctrl mc.ezdac~ mc.number~ message meter~ multislider nodes nslider number number~ outlet
panel pictctrl pictslider playbar playlist~ preset radiogroup rslider scope~ slider spectroscope~ suckah
swatch tab textbutton textedit toggle ubutton umenu waveform~ xydisplay
""".split()
)


def ports_of_text(text: str) -> PortCounts | None:
    """Return the ports of Max's own object with this text, or None if they are not known from it."""
    name, arguments, attributes = words(text)
    if name in _KNOWN:
        return _KNOWN[name]
    if name not in _VARIABLE:
        return None
    if name in _TAKE_ANY_WORD:  # also `@words`, which are attributes elsewhere
        arguments = arguments + attributes
    if any("#" in argument for argument in arguments):
        return None  # an abstraction's argument, unknown here
    try:
        return _VARIABLE[name](arguments)
    except (ValueError, IndexError, OverflowError):
        return None
