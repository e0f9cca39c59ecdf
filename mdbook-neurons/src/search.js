// What mdBook's search looks into: its field, its list of results, its keys and its marks stay as they
// are; which section answers a question best is decided here. The plug-in puts the sections and the
// synonyms in the place of BOOK.

((book) => {
  const GREEK = {
    alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", eta: "η", theta: "θ", kappa: "κ",
    lambda: "λ", mu: "μ", pi: "π", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", nabla: "∇",
  };
  // What a word counts by where it stands; code is searched for its names.
  const WEIGHTS = { title: 6, page: 3, body: 1, code: 0.15 };
  const ASIDE = /^(Questions|Exercises|Common mistakes|History|Where (it|they) comes? from)\b/;

  // Each group of synonyms is written as its first word, in what is found and in what is asked.
  const synonyms = book.same.flatMap(([first, ...others]) =>
    others.map((other) => {
      const words = other.replace(/[^\p{L}\p{N}\s]/gu, "\\$&").replace(/\s+/g, "[\\s-]+");
      return [new RegExp(`(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`, "gu"), first];
    }),
  );

  /** The words of a text as they are compared: 13,002 is 13002, sigma is σ, slopes are derivatives. */
  const words = (text) => {
    let plain = text.toLowerCase().replace(/(\d),(?=\d{3}(?!\d))/g, "$1");
    for (const [other, first] of synonyms) plain = plain.replace(other, first);
    const found = plain.match(/\p{N}+(?:\.\p{N}+)*|[\p{L}∇][\p{L}\p{N}]*/gu) ?? [];
    return found
      .filter((word) => elasticlunr.stopWordFilter(word) !== undefined)
      .map((word) => GREEK[word] ?? elasticlunr.stemmer(word));
  };

  const fields = Object.keys(WEIGHTS);
  const texts = book.sections.map((section) =>
    Object.fromEntries(fields.map((field) => [field, words(section[field])])),
  );
  const average = Object.fromEntries(
    fields.map((field) => [
      field,
      texts.reduce((sum, text) => sum + text[field].length, 0) / texts.length || 1,
    ]),
  );
  const counts = new Map(); // word: section: how often it counts there
  texts.forEach((text, id) => {
    for (const field of fields) {
      const share = WEIGHTS[field] / (0.4 + (0.6 * text[field].length) / average[field]);
      for (const word of text[field]) {
        if (!counts.has(word)) counts.set(word, new Map());
        counts.get(word).set(id, (counts.get(word).get(id) ?? 0) + share);
      }
    }
  });

  /** How well each section answers one word (BM25 over all fields); a word's beginning is worth less. */
  const rated = (word, whole) => {
    const scores = new Map();
    for (const [other, sections] of counts) {
      if (other !== word && !(whole === false && word.length > 1 && other.startsWith(word))) continue;
      const rare = Math.log(1 + texts.length / sections.size);
      const near = other === word ? 1 : (0.5 * word.length) / other.length;
      for (const [id, count] of sections) {
        scores.set(id, Math.max(scores.get(id) ?? 0, (near * rare * count) / (count + 1.5)));
      }
    }
    return scores;
  };

  /** In how many places two words follow each other. */
  const together = (text, [first, second]) =>
    text.filter((word, i) => word === first && text[i + 1] === second).length;

  const search = (question) => {
    const asked = words(question);
    const found = new Map(); // section: score, and how many of the words it has
    asked.forEach((word) => {
      for (const [id, score] of rated(word, counts.has(word))) {
        const [sum, matched] = found.get(id) ?? [0, 0];
        found.set(id, [sum + score, matched + 1]);
      }
    });
    return [...found]
      .map(([id, [sum, matched]]) => {
        let score = sum * (matched / asked.length) ** 2;
        for (let i = 0; i + 1 < asked.length; i += 1) {
          const pair = asked.slice(i, i + 2);
          const pairs = 3 * together(texts[id].title, pair) + together(texts[id].body, pair);
          score *= 1 + (0.6 * pairs) / (pairs + 1);
        }
        if (ASIDE.test(book.sections[id].title)) score *= 0.6;
        return { ref: id, score, doc: book.sections[id] };
      })
      .sort((a, b) => b.score - a.score);
  };

  // mdBook's script loads an index and asks it.
  elasticlunr.Index.load = (index) => index;
  Object.assign(window.search, {
    index: { search },
    sections: book.sections,
    doc_urls: book.sections.map(({ url }) => url),
    results_options: { limit_results: 20, teaser_word_count: 30 },
    search_options: {},
  });
})(BOOK);
