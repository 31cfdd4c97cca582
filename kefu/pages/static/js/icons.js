/** Line icons, 24 by 24, drawn with the colour of the text around them. */

/** @type {Record<string, string>} */
const PATHS = {
  plus: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12l16-7-5.5 15-3-6.5L4 12zM11.5 13.5L20 5",
  packet: "M6.5 3.500h11A1.500 1.500 0 0119 5v14a1.500 1.500 0 01-1.500 1.500h-11A1.500 1.500 0 015 19V5a1.500 1.500 0 011.500-1.500zM5 7.500c4.500 3 9.500 3 14 0M12 13.800a2 2 0 100-4 2 2 0 000 4z",
  bag: "M6 8h12l1 12H5L6 8zM9 8V7a3 3 0 016 0v1",
  picture: "M5 5h14a1.5 1.5 0 011.5 1.5v11A1.5 1.5 0 0119 19H5a1.5 1.5 0 01-1.5-1.5v-11A1.5 1.5 0 015 5zM4 16.5l5-5 4 4 2.5-2.5 4.5 4.5M15.5 9.5v.2",
  smile: "M12 20a8 8 0 100-16 8 8 0 000 16zM8.5 14c.8 1.3 2 2 3.5 2s2.7-.7 3.5-2M9 9.8v.4M15 9.8v.4",
  people: "M9 11a3.2 3.2 0 100-6.4A3.2 3.2 0 009 11zM3 19.5c.6-3.2 2.9-5 6-5s5.4 1.8 6 5M15.5 10.6a2.8 2.8 0 10-1-5.4M17 14.6c2.2.5 3.5 2 4 4.4",
  search: "M11 18a7 7 0 100-14 7 7 0 000 14zM16 16l4.5 4.5",
  down: "M6 10l6 6 6-6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2.5 12.5l4.2 4.2 8.3-9M11 15.8l1 1L20.8 7.7",
  clock: "M12 20a8 8 0 100-16 8 8 0 000 16zM12 8v4.3l3 1.7",
  alert: "M12 20a8 8 0 100-16 8 8 0 000 16zM12 8v4.5M12 15.8v.2",
  edit: "M5 19l.8-3.6L15.9 5.3a1.5 1.5 0 012.1 0l.7.7a1.5 1.5 0 010 2.1L8.6 18.2 5 19z",
  exit: "M14 5H6v14h8M11 12h9M17 8.5l3.5 3.5-3.5 3.5",
  gear: "M4.5 7.5h8M17.5 7.5h2M15 10a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM4.5 16.5h2M11.5 16.5h8M9 19a2.5 2.5 0 100-5 2.5 2.5 0 000 5z",
  star: "M12 4l2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8L7 19l1.1-5.5L4 9.7 9.6 9z",
  device: "M4.5 5h15v10.5h-15zM2.5 19h19M9.5 15.5V19M14.5 15.5V19",
  shield: "M12 3.5l7 2.5v5.5c0 4-2.8 7.2-7 9-4.2-1.8-7-5-7-9V6z",
  moon: "M19.5 14.5A8 8 0 019.5 4.5a8 8 0 1010 10z",
  minus: "M6 12h12",
  globe: "M12 20a8 8 0 100-16 8 8 0 000 16zM4 12h16M12 4c2.5 2.4 3.5 5 3.5 8s-1 5.6-3.5 8c-2.5-2.4-3.5-5-3.5-8s1-5.6 3.5-8z",
  chat: "M5 5.5h14a1.5 1.5 0 011.5 1.5v8.5A1.5 1.5 0 0119 17h-6.5L8 20.5V17H5a1.5 1.5 0 01-1.5-1.5V7A1.5 1.5 0 015 5.5z",
  thumbup: "M7 11v8.5H4V11h3zM7 11l4-7.5a2 2 0 012.2 2.4L12.5 9.5H18a2 2 0 012 2.4l-1.2 6a2 2 0 01-2 1.6H7",
  thumbdown: "M17 13V4.5h3V13h-3zM17 13l-4 7.5a2 2 0 01-2.2-2.4L11.5 14.5H6a2 2 0 01-2-2.4l1.2-6a2 2 0 012-1.6H17",
  human: "M5 14.5v-2.5a7 7 0 0114 0v2.5M5 13.5h1.5a1 1 0 011 1V18a1 1 0 01-1 1H6a2 2 0 01-2-2v-2.5a1 1 0 011-1zM19 13.5h-1.5a1 1 0 00-1 1V18a1 1 0 001 1h.5a2 2 0 002-2v-2.5a1 1 0 00-1-1zM18 19c-.5 1.5-2 2.2-4.5 2.2",
  spark: "M12 4l1.7 5.3L19 11l-5.3 1.7L12 18l-1.7-5.3L5 11l5.3-1.7L12 4zM18.5 16.5l.7 1.8 1.8.7-1.8.7-.7 1.8-.7-1.8-1.8-.7 1.8-.7.7-1.8z",
  open: "M13 5h6v6M19 5l-8 8M17 14v5H5V7h5",
};

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGSVGElement} hidden from screen readers: the button around it has the label
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
