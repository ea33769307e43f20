"""How the pages of an archive look: one sheet for screen, dark rooms, small windows and paper."""

from __future__ import annotations

STYLE = """\
:root { color-scheme: light; --text: #191c25; --quiet: #586071; --line: #e3e6ec; --back: #ffffff; --soft: #f4f5f8;
  --link: #3b57d6; --accent: #3b57d6; --accent-soft: #eaeefd; --accent-line: #c6d0f8; }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --text: #e8eaf0; --quiet: #a3aaba; --line: #2d313b; --back: #1a1c22; --soft: #23262e;
    --link: #92a6ff; --accent: #92a6ff; --accent-soft: #262d4b; --accent-line: #36437e; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; font-size: 15px; }
body { margin: 0; background: var(--back); color: var(--text); overflow-wrap: break-word;
  font: 1rem/1.5 "Inter", "Segoe UI", system-ui, -apple-system, "Noto Sans", "Noto Sans Arabic", sans-serif; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .15em; }
a:focus-visible, input:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .2rem; }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { inset-inline-start: 1rem; top: .5rem; z-index: 2; background: var(--back); padding: .25rem .75rem; }
.top { position: sticky; top: 0; z-index: 1; background: var(--soft); border-bottom: 1px solid var(--line); }
.top > div, main, .foot { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
.top > div { display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: center; min-height: 2.75rem; }
.top strong { margin-inline-end: auto; }
.top nav { display: flex; gap: 1.25rem; }
.top nav a { padding: .5rem 0; text-decoration: none; }
.top nav a[aria-current] { color: var(--text); box-shadow: inset 0 -3px var(--accent); }
main { padding-top: 1.75rem; padding-bottom: 3rem; }
.foot::before { content: ""; display: block; border-top: 1px solid var(--line); margin-bottom: .75rem; }
.foot { padding-bottom: 2rem; color: var(--quiet); font-size: .85rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; line-height: 1.4; margin: 2.25rem 0 .25rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line);
  break-after: avoid; }
h2 .n { color: var(--quiet); font-weight: 400; }
h3 { font-size: .85rem; color: var(--quiet); margin: 1.5rem 0 0; break-after: avoid; }
p { margin: .5rem 0; }
.quiet, time { color: var(--quiet); font-size: .9em; }
.kind { margin: 0 0 .15rem; color: var(--quiet); font-size: .85rem; }
.sub { margin: .15rem 0 0; color: var(--quiet); }
.tags { margin: .6rem 0 0; display: flex; flex-wrap: wrap; gap: .35rem; }
.tag { padding: .05rem .6rem; background: var(--accent-soft); border: 1px solid var(--accent-line); border-radius: 1rem; font-size: .85rem; }
.here { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; font-size: .9rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem; margin: 1.25rem 0 0; }
.figure { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .9rem; break-inside: avoid; }
.figure > span { color: var(--quiet); font-size: .85rem; }
.figure > b { display: block; font-size: 1.35rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
.figure ul { list-style: none; margin: .15rem 0 0; padding: 0; font-size: .9rem; font-variant-numeric: tabular-nums; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 2.5rem; align-items: start; }
dl { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr; gap: .35rem 1.25rem; margin: .6rem 0; }
dt { color: var(--quiet); } dd { margin: 0; white-space: pre-wrap; min-width: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin: .25rem 0 0; }
caption { text-align: start; color: var(--quiet); padding: .25rem 0; }
th, td { text-align: start; vertical-align: top; padding: .4rem 0; padding-inline-end: 1.25rem; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 600; font-size: .85rem; vertical-align: bottom; }
td { overflow-wrap: break-word; min-width: 4.5rem; } th:last-child, td:last-child { padding-inline-end: 0; }
td:first-child { min-width: 9rem; overflow-wrap: anywhere; }
h1, dd, td { text-align: match-parent; }
td.n, th.n { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.n + td, th.n + th { padding-inline-start: .75rem; }
td.day, time { white-space: nowrap; }
thead { display: table-header-group; } tr { break-inside: avoid; }
tr.with { break-after: avoid; } tr.with td { border-bottom: 0; padding-bottom: .1rem; }
tr.more td { padding-top: 0; color: var(--quiet); font-size: .9em; }
tr.more p { margin: .15rem 0 0; white-space: pre-wrap; color: var(--text); }
tfoot td { border-bottom: 0; font-weight: 600; }
article { display: grid; grid-template-columns: 12.5rem 1fr; gap: 0 1.25rem; padding: .7rem 0; border-bottom: 1px solid var(--line); break-inside: avoid-page; }
article p { margin: .15rem 0 0; } article p.text { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 46rem; }
article > div { min-width: 0; }
.names { columns: 17rem; column-gap: 2rem; list-style: none; padding: 0; margin: .5rem 0; }
.names li { padding: .15rem 0; break-inside: avoid; }
.plain { list-style: none; padding: 0; margin: .5rem 0; } .plain li { padding: .15rem 0; }
.letters { display: flex; flex-wrap: wrap; gap: .3rem; margin: 1rem 0; }
.letters a { min-width: 2rem; text-align: center; padding: .15rem .5rem; background: var(--soft); border-radius: .3rem; text-decoration: none; }
.start { display: inline-block; margin: .75rem 0 0; padding: .6rem 1.1rem; border-radius: .4rem; background: var(--accent); color: var(--back);
  font-weight: 600; text-decoration: none; }
input[type=search] { width: 100%; max-width: 32rem; padding: .55rem .8rem; font: inherit; color: inherit; background: var(--back);
  border: 1px solid var(--quiet); border-radius: .4rem; }
code { background: var(--soft); padding: .05rem .3rem; border-radius: .2rem; white-space: nowrap; }
[hidden] { display: none !important; }
@media screen and (max-width: 46rem) {
  .top > div, main, .foot { padding-inline: 1rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
  article { grid-template-columns: 1fr; }
  table.rows, .rows tbody, .rows tr, .rows td { display: block; } .rows thead { display: none; }
  .rows tr { padding: .5rem 0; border-bottom: 1px solid var(--line); } .rows tr.with { border-bottom: 0; padding-bottom: 0; }
  .rows td, .rows td.n { border: 0; padding: .1rem 0; text-align: start; white-space: normal; }
  .rows td[data-label]::before { content: attr(data-label) ": "; color: var(--quiet); }
  .rows td:first-child { font-weight: 600; } .rows td:first-child::before { content: none; } .rows td:empty { display: none; }
  .rows tr.more td:first-child { font-weight: 400; }
}
@page { margin: 16mm 15mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #586071; } }
@media print {
  html { font-size: 9.5pt; } body { line-height: 1.4; } main, .foot, .top > div { max-width: none; padding-inline: 0; }
  .top { position: static; background: none; } .top nav, .here, .search, .letters, .skip { display: none; }
  main { padding: 5mm 0 0; } .foot { padding-bottom: 0; } h1 { font-size: 17pt; } h2 { margin-top: 6mm; }
  a { color: inherit; text-decoration: none; } .figure { padding: .4rem .7rem; } .two { grid-template-columns: 1fr 1fr; gap: 0 8mm; }
  dl { grid-template-columns: 28mm 1fr; } td { min-width: 0; } td:first-child { min-width: 30mm; } th, td { padding-inline-end: .8rem; }
  article { grid-template-columns: 40mm 1fr; padding: 2mm 0; }
}
"""
