"""A page of HTML as PDF, through WeasyPrint."""

from __future__ import annotations

from salesmgmt.core.errors import InvalidInput, MissingExtra, Problem, shorten


def to_pdf(html: str) -> bytes:
    """Print a page to PDF. Nothing is fetched: a page that asks for a file or an address is refused.

    Args:
        html: a self-contained page, as `QuoteDocument.to_html` writes it.

    Raises:
        MissingExtra: WeasyPrint, or a library of the system that it needs, is not there.
        InvalidInput: the page asks for something outside of itself.
    """
    try:
        from weasyprint import HTML  # noqa: PLC0415 - of the extra `pdf`
        from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: PLC0415
    except (ImportError, OSError) as error:  # OSError: its libraries (Pango) are not there
        raise MissingExtra("weasyprint", "pdf") from error

    class NothingFetched(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
        def fetch(self, url: str, headers: object = None) -> None:  # noqa: ARG002 - its own signature
            raise FatalURLFetchingError(url)

    try:
        return bytes(HTML(string=html, url_fetcher=NothingFetched()).write_pdf())
    except FatalURLFetchingError as error:
        problem = Problem("html", "not_self_contained", shorten(str(error)), "a page that needs nothing else")
        raise InvalidInput("the page to be printed", [problem]) from error
