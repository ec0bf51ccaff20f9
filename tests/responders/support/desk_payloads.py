"""Hostile texts: each would run, load or restyle something if a page used it as HTML."""

_VECTORS = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<iframe src=javascript:parent.pwned=1></iframe>",
    "<body onload=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<input autofocus onfocus=window.pwned=1>",
    "<marquee onstart=window.pwned=1>",
    "<a href=javascript:window.pwned=1>click</a>",
    "<form action=javascript:window.pwned=1><button>go</button></form>",
    "<style>@import '//evil.example/x.css'</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<math><mi xlink:href=javascript:window.pwned=1>",
    "<img src=//evil.example/pixel.png>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "{{ 7 * 7 }}{% raw %}${7*7}",
)
_BREAKOUTS = ("", '">', "</textarea></title></script>", "'-->")
PAYLOADS = tuple(breakout + vector for vector in _VECTORS for breakout in _BREAKOUTS)
