"""Typed errors as HTTP answers: problem details (RFC 9457) with a status that says whose move it is."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from receivables import ReceivablesError
from receivables.errors import ClaimTaken, KeyReused, StaleAccount, UnknownId

STATUS: dict[type[ReceivablesError], int] = {UnknownId: 404, ClaimTaken: 409, KeyReused: 409, StaleAccount: 503}
"""What is not there, what is there already, what was too busy; anything else is a value that cannot be: 422."""


def install(app: FastAPI) -> None:
    """Have the application answer typed errors with problem details."""

    @app.exception_handler(ReceivablesError)
    async def answer(request: Request, error: ReceivablesError) -> JSONResponse:
        status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 422)
        body: dict[str, Any] = {"type": f"about:{type(error).__name__}", "title": str(error), "status": status}
        headers = {"Retry-After": "1"} if status == 503 else {}
        return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=headers)
