//! A page in a single file, light or dark as the reader's system is.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::figures::palette::{Colour, PALETTE, Rgb, hex, with_variables};
use crate::trainer::text_table::TextTable;

/// A page with a title. Its own policy forbids scripts and requests to any machine.
pub(super) fn page(title: &str, body: &Markup) -> String {
    let variables = |value: fn(&Colour) -> String| -> String {
        let variable = |c: &Colour| format!("--{}:{};", c.name, value(c));
        PALETTE.iter().map(variable).collect()
    };
    let light = variables(|c| hex(&c.light));
    let dark = variables(|c| hex(&c.dark).to_lowercase());
    let style = format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{STYLE}"
    );
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Without it a browser asks for /favicon.ico.
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body { main { h1 { (title) } (body) } }
        }
    };
    html.into_string() + "\n"
}

const STYLE: &str = "\
body{margin:0;font:1.0625rem/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:50rem;margin:0 auto;padding:2.5rem 1rem 4rem;overflow-wrap:break-word}
h1{font-size:1.75rem;line-height:1.25;font-weight:600;margin:0 0 1.25rem}
h2{font-size:1.25rem;line-height:1.3;font-weight:600;margin:3rem 0 .75rem}
p{margin:.75rem 0}
a{color:var(--blue)}
.result{font-size:2.5rem;line-height:1.2;font-weight:600;margin:0;\
font-variant-numeric:tabular-nums}
.result small{font-size:1.25rem;font-weight:400;color:var(--muted)}
.quiet,figcaption,caption{color:var(--muted)}
figure{margin:0}
figcaption,p.quiet{margin-top:.75rem;font-size:.9375rem;line-height:1.5}
svg{display:block;width:100%;height:auto}
svg text{font-family:system-ui,sans-serif}
.panels{display:grid;gap:1rem 1.5rem;align-items:start;\
grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}
.pictures{list-style:none;margin:0;padding:0;display:grid;gap:1rem;\
grid-template-columns:repeat(auto-fill,minmax(5.75rem,1fr))}
.pictures span{display:block;margin-top:.25rem}
.pictures svg{border:1px solid var(--grid)}
.pictures span,.key li{font-size:.875rem;line-height:1.35}
.key{list-style:none;margin:0 0 .5rem;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
.key li{display:flex;align-items:center;gap:.5rem;overflow-wrap:anywhere}
.key svg{flex:none;width:3rem}
.wide{overflow-x:auto}
p+table,p+.wide{margin-top:1.5rem}
.list th{width:9rem}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9375rem;line-height:1.4;\
font-variant-numeric:tabular-nums}
caption{text-align:left;padding-bottom:.375rem}
th,td{text-align:left;vertical-align:top;font-weight:400;padding:.3125rem 1rem .3125rem 0;\
border-bottom:1px solid var(--grid)}
thead th,tbody th{color:var(--muted)}
th:last-child,td:last-child{padding-right:0}
.numbers th+th,.numbers td{text-align:right}
.wide th,.wide td{white-space:nowrap}
details{margin-top:.75rem}
summary{color:var(--muted);cursor:pointer;padding:.25rem 0}
@media print{main{padding:0}figure{break-inside:avoid}}
";

/// A colour of a figure as the page names it.
pub(super) fn named(color: Rgb) -> String {
    let found = PALETTE.iter().find(|c| c.light == color);
    found.map_or_else(|| hex(&color), |c| format!("var(--{})", c.name))
}

/// A drawing in the colours of the page, with words for readers who do not see it. The `id` occurs
/// once on the page.
pub(super) fn drawing(
    svg: &str,
    id: &str,
    title: &str,
    description: &str,
) -> Markup {
    let themed = with_variables(svg, "");
    let words = words(id, title, description).into_string();
    let open = format!(
        "<svg role=\"img\" aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\" "
    );
    let (tag, rest) = themed.split_once('>').unwrap_or((&themed, ""));
    PreEscaped(format!("{}>{words}{rest}", tag.replacen("<svg ", &open, 1)))
}

/// The title and the description of a drawing.
pub(super) fn words(id: &str, title: &str, description: &str) -> Markup {
    html! {
        title id={ (id) "-title" } { (title) }
        desc id={ (id) "-desc" } { (description) }
    }
}

/// A figure under its heading, and a caption that says how to read it.
pub(super) fn figure(
    (id, heading): (&str, &str),
    body: &Markup,
    caption: &str,
) -> Markup {
    html! {
        h2 id=(id) { (heading) }
        figure aria-labelledby=(id) {
            (body)
            figcaption { (caption) }
        }
    }
}

/// A table whose first column names its rows. If it is wider than the page, it scrolls, with the
/// keyboard as well.
pub(super) fn table(title: &str, table: &TextTable) -> Markup {
    html! {
        div .wide role="region" aria-label=(title) tabindex="0" {
            table .numbers {
                caption { (title) }
                thead { tr { @for title in &table.titles { th scope="col" { (title) } } } }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (column, text) in row.iter().enumerate() {
                                @if column == 0 { th scope="row" { (text) } }
                                @else { td { (text) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A table of names and values.
pub(super) fn list<N: AsRef<str>>(
    title: &str,
    rows: &[(N, String)],
) -> Markup {
    html! {
        table .list {
            caption { (title) }
            tbody {
                @for (name, text) in rows {
                    tr { th scope="row" { (name.as_ref()) } td { (text) } }
                }
            }
        }
    }
}

/// The numbers of a figure, folded.
pub(super) fn numbers(title: &str, numbers: &TextTable) -> Markup {
    html! { details { summary { "The numbers" } (table(title, numbers)) } }
}
