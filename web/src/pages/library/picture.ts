// A picture for the library out of whatever file a person chose: small enough for the host, in the shape of its place.

export const kPictureTypes = "image/png,image/jpeg,image/webp";
const kMost = { width: 600, height: 900 };
export const kMostBytes = 1024 * 1024;

/** The size that fits into the most allowed; never larger than it was. */
export function fitted(size: { width: number; height: number }, most = kMost): { width: number; height: number } {
  const scale = Math.min(1, most.width / size.width, most.height / size.height);
  return { width: Math.max(1, Math.round(size.width * scale)), height: Math.max(1, Math.round(size.height * scale)) };
}

/** Null: the browser cannot read it as a picture. */
export async function preparePicture(file: Blob): Promise<{ canvas: HTMLCanvasElement; blob: Blob } | null> {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) return null;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, fitted(image));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
  return blob && blob.size <= kMostBytes ? { canvas, blob } : null;
}
