// Parses the files that are named behind the folder with mermaid, each with mermaid's own parser, and prints for each a
// line of JSON: the diagram's type, and all the texts that it has.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, ...files] = process.argv.slice(2);
const { resolve } = createRequire(`${modules}/`);
const { JSDOM } = await import(pathToFileURL(resolve('jsdom')));
// It cleans texts with the DOM of a browser.
const { window } = new JSDOM('<!DOCTYPE html>');
Object.assign(globalThis, { window, document: window.document, Element: window.Element });
const { default: mermaid } = await import(pathToFileURL(`${modules}/mermaid/dist/mermaid.core.mjs`));

for (const file of files) {
    const text = readFileSync(file, 'utf8');
    try {
        const { diagramType } = await mermaid.parse(text);
        const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
        const texts = db.getMessages
            ? [...db.getActors().values()].map((actor) => actor.description).concat(db.getMessages().map((message) => message.message))
            : [...db.getVertices().values()].map((vertex) => vertex.text);
        const edges = db.getEdges ? db.getEdges().length : 0;
        console.log(JSON.stringify({ file, diagramType, texts, edges, length: text.length }));
    } catch (error) {
        console.log(JSON.stringify({ file, error: error.message }));
    }
}
