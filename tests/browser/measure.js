// Looks at every letter of the page, each in its iframe, and writes what is wrong with it into #result.
const luminance = (colour) => {
  const [r, g, b] = colour.map((part) => {
    part /= 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, two) => {
  const [a, b] = [luminance(one), luminance(two)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};
// The parts of `rgb(1, 2, 3)`, and how opaque it is.
const parts = (text) => {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return { colour: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
};
const background = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const { colour, alpha } = parts(at.ownerDocument.defaultView.getComputedStyle(at).backgroundColor);
    if (alpha === 1) return colour;
  }
  return [255, 255, 255];
};
const look = (frame, dark) => {
  const wrong = [];
  const page = frame.contentDocument;
  const view = frame.contentWindow;
  const width = view.innerWidth;
  if (page.documentElement.scrollWidth > width) wrong.push(`${page.documentElement.scrollWidth} px wide in ${width}`);
  const height = page.documentElement.scrollHeight;
  if (height > Number(frame.dataset.tallest)) wrong.push(`${height} px high, ${frame.dataset.tallest} at most`);
  if (!page.documentElement.lang) wrong.push('no lang');
  if (!page.title) wrong.push('no title');
  if (dark !== luminance(background(page.body)) < 0.2) wrong.push(`not in ${dark ? 'dark' : 'light'} colours`);
  for (const picture of page.images) {
    if (!picture.alt.trim()) wrong.push('a picture without alt text');
    const isShown = picture.naturalWidth > 0 || document.body.dataset.pictures === 'false' || picture.src.startsWith('cid:');
    if (!isShown) wrong.push(`a picture that is not shown: ${picture.alt}`);
    if (!/^(data|cid):/.test(picture.src)) wrong.push(`a remote picture: ${picture.src}`);
  }
  for (const table of page.querySelectorAll('table')) {
    if (table.getAttribute('role') !== 'presentation' && !table.querySelector('th[scope]')) wrong.push('a table for looks without its role');
  }
  for (const link of page.links) {
    if (!link.textContent.trim()) wrong.push(`a link without words: ${link.href}`);
    if (!link.href.startsWith('mailto:')) wrong.push(`a link to elsewhere: ${link.href}`);
    const height = link.getBoundingClientRect().height;
    if (link.classList.contains('button') && height < 44) wrong.push(`a button ${height} px high`);
  }
  const walk = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  let words = 0;
  while (walk.nextNode()) {
    const text = walk.currentNode.data.trim();
    if (!text) continue;
    words += 1;
    const element = walk.currentNode.parentElement;
    const style = view.getComputedStyle(element);
    const ratio = contrast(parts(style.color).colour, background(element));
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${text.slice(0, 40)}`);
    if (parseFloat(style.fontSize) < 14) wrong.push(`${style.fontSize}: ${text.slice(0, 40)}`);
    const box = element.getBoundingClientRect();
    if (box.right > width + 1 || box.left < -1) wrong.push(`beyond the edge: ${text.slice(0, 40)}`);
  }
  if (words < 3) wrong.push(`only ${words} pieces of text`);
  return wrong;
};
window.addEventListener('load', () => {
  const dark = document.body.dataset.scheme === 'dark';
  const lines = [];
  for (const frame of document.querySelectorAll('iframe')) {
    frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px`;
    lines.push(...look(frame, dark).map((fault) => `FAULT ${frame.title}: ${fault}`));
    lines.push(`SEEN ${frame.title}`);
  }
  document.getElementById('result').textContent = lines.join('\n');
});
