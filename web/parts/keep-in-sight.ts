type Row = {
  index: number;
  height: number;
  /** Height of a head that sticks to the top, above the first row. */
  head?: number;
};

/** Scrolls as little as it takes to show a row of a list whose rows are all of one height. */
export function keepInSight(scroller: HTMLElement | null, { index, height, head = 0 }: Row): void {
  if (!scroller) return;
  const top = index * height;
  const bottom = top + height + head - scroller.clientHeight;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
}

/** Shows a row in the middle, for readers who come by a link and have not seen the list yet. */
export function bringToMiddle(scroller: HTMLElement | null, { index, height }: Row): void {
  if (scroller) scroller.scrollTop = index * height - (scroller.clientHeight - height) / 2;
}
