// What figures.js and neurons.js bring, for the check of types in .ci/run.

/** The WebAssembly, gzipped, in base64. */
declare const neurons_wasm: string;

/** Loads it; then its functions, of `instruments/src/lib.rs`, can be called. */
declare const wasm_bindgen: {
    (bytes: { module_or_path: ArrayBuffer }): Promise<unknown>;
    drawn(name: string, state: Float64Array): string[];
};
