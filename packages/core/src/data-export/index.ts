export { collect } from "./collect.ts";
export { drop } from "./drop.ts";
export { type DataExportRow } from "./entity.ts";
export { download, find, get, listDue } from "./read.ts";
export { request } from "./request.ts";
