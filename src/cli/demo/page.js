
// A letter is as high as what is in it. Without this, its frame scrolls.
for (const frame of document.querySelectorAll('iframe')) {
  const fit = () => {
    const letter = frame.contentDocument && frame.contentDocument.documentElement;
    if (!letter || !frame.offsetWidth) return;
    frame.style.height = '0';
    frame.style.height = letter.scrollHeight + 'px';
  };
  frame.addEventListener('load', fit);
  frame.closest('details').addEventListener('toggle', fit);
  addEventListener('resize', fit);
  fit();
}
