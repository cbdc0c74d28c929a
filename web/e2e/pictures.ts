// Pictures of what a page shows and of what the compositor shows, small enough to compare.
import type { Page } from "@playwright/test";

/** Colours of a grid of cells, each the average of what it covers, row by row: red, green, blue. */
export interface Picture {
  width: number; // of the whole picture
  height: number;
  cells: number[];
}

const kColumns = 96;
const kRows = 54;

/** What a canvas or an image of the page shows. */
export function shown(page: Page, selector: string): Promise<Picture> {
  return page.locator(selector).evaluate(
    (source: HTMLCanvasElement | HTMLImageElement, [columns, rows]) => {
      const canvas = new OffscreenCanvas(columns, rows);
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no canvas");
      context.imageSmoothingQuality = "high";
      context.drawImage(source, 0, 0, columns, rows);
      const { data } = context.getImageData(0, 0, columns, rows);
      const [width, height] = source instanceof HTMLCanvasElement ? [source.width, source.height] : [source.naturalWidth, source.naturalHeight];
      return { width, height, cells: [...data].filter((_, i) => i % 4 !== 3) };
    },
    [kColumns, kRows] as const,
  );
}

/** The same of a PNG; the page only makes it small, in the same way. */
export function ofPng(page: Page, png: Buffer): Promise<Picture> {
  return page.evaluate(
    async ([base64, columns, rows]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(columns, rows);
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no canvas");
      context.imageSmoothingQuality = "high";
      context.drawImage(bitmap, 0, 0, columns, rows);
      const { data } = context.getImageData(0, 0, columns, rows);
      return { width: bitmap.width, height: bitmap.height, cells: [...data].filter((_, i) => i % 4 !== 3) };
    },
    [png.toString("base64"), kColumns, kRows] as const,
  );
}

/** Of 255, on average over every cell and colour. */
export const difference = (a: Picture, b: Picture): number => a.cells.reduce((sum, value, i) => sum + Math.abs(value - (b.cells[i] ?? 0)), 0) / Math.max(a.cells.length, 1);

export const colours = ({ cells }: Picture): number => new Set(Array.from({ length: cells.length / 3 }, (_, i) => cells.slice(3 * i, 3 * i + 3).join())).size;

/** Red and blue changed places: what a wrong order of bytes makes. */
export const swapped = (picture: Picture): Picture => ({
  ...picture,
  cells: picture.cells.map((_, i) => picture.cells[i % 3 === 1 ? i : i % 3 === 0 ? i + 2 : i - 2] ?? 0),
});
/** By a column of cells. */
export const shifted = (picture: Picture): Picture => ({ ...picture, cells: [...picture.cells.slice(3), 0, 0, 0] });
