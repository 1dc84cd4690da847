"""The regression flow, both ways, in torch, numpy and ONNX; the networks beside it; model folders."""
