// Tabler whole is 79 KB compressed, of which the desks use the reset, the tokens, the grid and the small utilities:
// our components are our own (cm-). This cuts the sheet down to that; see docs/decisions/0011.
import postcss from "postcss";

const KEPT = [
  /^row$/,
  /^col(-\d+|-auto)?$/,
  /^g[xy]?-\d$/,
  /^container-fluid$/,
  /^d-(none|block|inline|inline-block|flex|inline-flex|grid)$/,
  /^flex-(row|column|fill|wrap|nowrap|grow-[01]|shrink-[01])$/,
  /^(justify-content|align-items|align-self)-(start|end|center|between|baseline|stretch)$/,
  /^gap-\d$/,
  /^[mp][tbsexy]?-(\d|auto)$/,
  /^text-(start|end|nowrap|wrap|break)$/,
  /^w-(50|100|auto)$/,
  /^list-unstyled$/,
  /^visually-hidden(-focusable)?$/,
];
const FOREIGN = /data-bs-theme=dark|data-theme=|navbar-theme|::-webkit-datetime|hover-media/;

function isKept(selector) {
  if (FOREIGN.test(selector)) return false;
  const classes = selector.match(/\.-?[_a-zA-Z][\w-]*/g) ?? [];
  return classes.every((name) => KEPT.some((kept) => kept.test(name.slice(1))));
}

/** Only the rules of `tabler` whose classes are kept, and only the custom properties that they or `own` read. */
export function foundations(tabler, own) {
  const sheet = postcss.parse(tabler);
  sheet.walkComments((comment) => {
    if (!comment.text.startsWith("!")) comment.remove();
  });
  sheet.walkRules((rule) => {
    if (rule.parent.type === "atrule" && /keyframes$/.test(rule.parent.name)) return;
    const kept = rule.selectors.filter(isKept);
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  });
  sheet.walkAtRules(/keyframes$/, (rule) => rule.remove());
  for (let before = -1; before !== sheet.toString().length; ) {
    before = sheet.toString().length;
    const text = sheet.toString() + own;
    sheet.walkDecls(/^--/, (declaration) => {
      if (!text.includes(`var(${declaration.prop})`) && !text.includes(`var(${declaration.prop},`)) declaration.remove();
    });
    sheet.walk((node) => {
      if ((node.type === "rule" || (node.type === "atrule" && node.nodes)) && node.nodes.length === 0) node.remove();
    });
  }
  return sheet.toString();
}
