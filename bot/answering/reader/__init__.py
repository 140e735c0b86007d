"""The model that reads a question beside a passage: where the answer stands, and whether the passage answers at all."""

from __future__ import annotations

from bot.answering.reader.encoding import Context, Reader, Reading
from bot.answering.reader.onnx import OnnxReader

__all__ = ["Context", "OnnxReader", "Reader", "Reading"]
