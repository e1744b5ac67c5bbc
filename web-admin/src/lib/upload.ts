// Sending pictures: announced over GraphQL, then the bytes to the address that answers, with the progress told.
import i18next from "i18next";
import { execute } from "@/lib/api";
import { graphql, RequestFailed } from "@/lib/graphql";

const beginDocument = graphql(`
  mutation MediaUploadBegin($input: MediaUploadBeginInput!) {
    mediaUploadBegin(input: $input) { mediaId uploadUrl userErrors { code field message } }
  }
`);

/** What the server takes. */
export const pictureTypes = ["image/jpeg", "image/png", "image/webp"];
const MOST_BYTES = 5 * 1024 * 1024;
/** As long as the longer side of a picture needs to be, in pixels. */
const LONG_ENOUGH = 3200;

/** A picture the server keeps. */
export type Stored = { id: string; url: string };

/** The picture was not taken, and this is why, in the reader's language. */
export class PictureRefused extends Error {
  override name = "PictureRefused";
}

/** Sends a picture and answers with where it is kept; `told` hears how much is there, between 0 and 1. */
export async function upload(picture: File, told: (share: number) => void, signal: AbortSignal): Promise<Stored> {
  const file = await small(picture);
  const input = { fileName: file.name, contentType: file.type, bytes: file.size };
  const { mediaUploadBegin } = await execute(beginDocument, { input }, signal);
  const { mediaId, uploadUrl, userErrors } = mediaUploadBegin;
  if (!mediaId || !uploadUrl) throw new PictureRefused(userErrors.map(({ message }) => message).join(" "));
  return put(uploadUrl, file, told, signal);
}

/** `fetch` tells nothing on the way up; an XMLHttpRequest does. */
function put(url: string, file: File, told: (share: number) => void, signal: AbortSignal): Promise<Stored> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("content-type", file.type);
    request.setRequestHeader("accept-language", i18next.language ?? "zh-CN");
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 0);
    request.onload = () =>
      request.status < 300
        ? resolve(JSON.parse(request.responseText))
        : reject(refusal(request.status, request.responseText));
    request.onerror = () => reject(new RequestFailed("NETWORK", "the upload broke off"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** What a refused upload answered. */
export function refusal(status: number, body: string): Error {
  try {
    const fault = JSON.parse(body).errors[0] as { message: string; extensions: { code: string; requestId?: string } };
    return status < 500
      ? new PictureRefused(fault.message)
      : new RequestFailed(fault.extensions.code, fault.message, fault.extensions.requestId);
  } catch {
    return new RequestFailed(`HTTP_${status}`, body);
  }
}

/** How large a picture of this size is drawn again, the longer side as long as is enough. */
export function fitting(width: number, height: number): [number, number] {
  const scale = Math.min(1, LONG_ENOUGH / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** A picture of a modern phone is larger than the server takes: it is drawn smaller before it travels. */
async function small(file: File): Promise<File> {
  if (file.size <= MOST_BYTES || !pictureTypes.includes(file.type)) return file;
  const drawn = await createImageBitmap(file).catch(() => undefined);
  if (!drawn) return file;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = fitting(drawn.width, drawn.height);
  canvas.getContext("2d")?.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
  return blob ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: blob.type }) : file;
}
