// What some texts have, in a chunk of its own: tools of tables and of long lines, images and formulas.

export { colour } from './code-colour.ts';
export { wrapping } from './code-wrapping.ts';
export { maths } from './markdown-formula.ts';
export { drawImage } from './markdown-image.ts';
export { tableTools } from './table-tools.ts';
