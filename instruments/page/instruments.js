// The figures of a page that the reader moves. A form says by its controls what state the figure of its
// `data-figure` is in; the book's own functions, as WebAssembly, draw that state. They are loaded when
// such a figure comes near the view. With the figure's name in the address, `#fig-downhill?eta=0.3`,
// it opens in that state.
// @ts-check
"use strict";

(() => {
    const script = /** @type {HTMLScriptElement} */ (document.currentScript);
    const here = script.src;
    // The book on one page brings this script once for each of its pages.
    if ([...document.scripts].find(({ src }) => src === here) !== script) return;

    /** Loads a script that stands beside this one. @param {string} file @returns {Promise<void>} */
    const load = (file) => new Promise((done, failed) => {
        const script = document.createElement("script");
        script.onload = () => done();
        script.onerror = () => failed(new Error(`cannot load ${file}`));
        script.src = new URL(file, here).href;
        document.head.append(script);
    });

    /** @type {Promise<void> | undefined} */
    let loading;

    /** The functions of the book: neurons.js holds what calls them, figures.js their code in base64. */
    const ready = () => loading ??= (async () => {
        await Promise.all([load("neurons.js"), load("figures.js")]);
        const gzipped = Uint8Array.from(atob(neurons_wasm), (letter) => letter.charCodeAt(0));
        const bytes = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"));
        await wasm_bindgen({ module_or_path: await new Response(bytes).arrayBuffer() });
    })();

    /** @param {HTMLFormElement} form */
    const connect = (form) => {
        const name = form.dataset.figure ?? "";
        const figure = /** @type {HTMLElement} */ (document.getElementById(`fig-${name}`));
        const panels = [...figure.querySelectorAll(".drawing > svg")];
        const controls = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ (
            [...form.querySelectorAll("input, select")]
        );
        const words = /** @type {HTMLElement} */ (form.querySelector(".words"));
        const aloud = /** @type {HTMLElement} */ (form.querySelector(".aloud"));
        /** @type {string[]} */
        let shown = panels.map((panel) => panel.innerHTML);
        let asked = false;
        /** @type {number | undefined} */
        let later;

        const draw = () => {
            asked = false;
            const state = Float64Array.from(controls, ({ value }) => Number(value));
            const [sentence, ...drawings] = wasm_bindgen.drawn(name, state);
            // A line of a drawing is an element: of most, only some have changed.
            drawings.forEach((drawing, i) => {
                if (drawing === shown[i]) return;
                const [lines, before] = [drawing.split("\n"), shown[i].split("\n")];
                const elements = [...panels[i].children];
                if (lines.length !== before.length || lines.length !== elements.length) {
                    panels[i].innerHTML = drawing;
                    return;
                }
                lines.forEach((line, k) => {
                    if (line !== before[k]) elements[k].outerHTML = line;
                });
            });
            shown = drawings;
            words.textContent = sentence;
        };
        /** Once the reader stops for a moment: said aloud, and kept in the address. */
        const settle = () => {
            aloud.textContent = words.textContent;
            const state = new URLSearchParams(controls.map(({ name, value }) => [name, value]));
            history.replaceState(null, "", `#${figure.id}?${state}`);
        };
        const tell = () => {
            for (const output of form.querySelectorAll("output")) {
                const control = controls.find(({ id }) => output.htmlFor.contains(id));
                output.value = control?.value ?? "";
            }
        };
        const change = () => {
            tell();
            if (!asked) requestAnimationFrame(draw);
            asked = true;
            clearTimeout(later);
            later = setTimeout(settle, 1000);
        };
        form.addEventListener("input", change);
        form.addEventListener("reset", () => setTimeout(change));
        form.addEventListener("submit", (event) => event.preventDefault());
        // The arrow keys belong to the control: mdBook would turn the page.
        form.addEventListener("keydown", (event) => event.stopPropagation());

        figure.addEventListener("pointerdown", (event) => {
            const handle = /** @type {Element} */ (event.target).closest(".handle");
            const panel = handle?.closest("svg");
            if (!(handle instanceof SVGElement) || !panel) return;
            event.preventDefault();
            const [x0, dx, y0, dy] = (handle.dataset.scale ?? "").split(" ").map(Number);
            const moved = (handle.dataset.controls ?? "").split(" ")
                .map((name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)));
            const drag = (/** @type {PointerEvent} */ { clientX, clientY }) => {
                const at = new DOMPoint(clientX, clientY).matrixTransform(panel.getScreenCTM()?.inverse());
                [(at.x - x0) / dx, (at.y - y0) / dy].forEach((value, i) => {
                    const { min, max, step } = moved[i];
                    const steps = Math.round(Math.min(Math.max(value, Number(min)), Number(max)) / Number(step));
                    moved[i].value = String(Number((steps * Number(step)).toFixed(6)));
                });
                change();
            };
            const stop = () => {
                removeEventListener("pointermove", drag);
                for (const end of ["pointerup", "pointercancel"]) removeEventListener(end, stop);
            };
            addEventListener("pointermove", drag);
            for (const end of ["pointerup", "pointercancel"]) addEventListener(end, stop);
        });

        const [id, state] = decodeURIComponent(location.hash.slice(1)).split("?");
        if (id === figure.id) {
            for (const [name, value] of new URLSearchParams(state)) {
                const control = controls.find((control) => control.name === name);
                if (control) control.value = value;
            }
            figure.scrollIntoView();
        }
        // Nothing is said aloud, and no address written, before the reader moves it.
        tell();
        draw();
        form.dataset.ready = "";
    };

    const near = new IntersectionObserver((entries) => {
        for (const { target, isIntersecting } of entries) {
            if (!isIntersecting) continue;
            near.unobserve(target);
            const form = /** @type {HTMLFormElement} */ (target);
            ready().then(() => connect(form)).catch((error) => {
                form.remove();
                throw error;
            });
        }
    }, { rootMargin: "800px" });
    const called = decodeURIComponent(location.hash.slice(1)).split("?")[0];
    for (const form of document.querySelectorAll("form.instrument")) {
        // A state in the address: at once, wherever the figure stands.
        const { figure } = /** @type {HTMLFormElement} */ (form).dataset;
        if (called === `fig-${figure}`) document.getElementById(called)?.scrollIntoView();
        near.observe(form);
    }
})();
