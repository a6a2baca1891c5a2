import { createHash } from "node:crypto";

export type Template = { name: string; params: string[] };

export const DEFAULT_TEMPLATES: readonly Template[] = [
  {
    name: "ticket_confirmation_v1",
    params: ["name", "event", "starts_at", "venue", "quantity", "order_ref"],
  },
  { name: "payment_returned_v1", params: ["name", "event", "total", "order_ref"] },
  { name: "invitation_v1", params: ["name", "role", "thing", "until", "token"] },
];

const bodyOf = ({ params }: Template) => params.map((param) => `${param}: {{${param}}}`).join("\n");

export function render(template: Template, params: Record<string, string>): string {
  return bodyOf(template).replace(/\{\{(\w+)\}\}/g, (_, name: string) => params[name] ?? "");
}

/** As the list endpoint shows it. The order of `customParams` is not the order of the body, as at WATI. */
export function templateJson(template: Template): object {
  const bodyOriginal = bodyOf(template);
  return {
    id: createHash("sha256").update(template.name).digest("hex").slice(0, 24),
    elementName: template.name,
    category: "UTILITY",
    status: "APPROVED",
    language: { key: "en", value: "English", text: "English" },
    body: template.params.reduce((text, param, index) => text.replace(`{{${param}}}`, `{{${index + 1}}}`), bodyOriginal),
    bodyOriginal,
    customParams: template.params.toSorted().map((paramName) => ({ paramName, paramValue: "" })),
    header: null,
    footer: null,
    buttons: [],
    quality: "GREEN",
  };
}

export type ReadParams = { params: Record<string, string>; errors: string[] };

/** Names must be the template's, each once, values non-blank without newline, tab or four spaces in a row. */
export function readTemplateParams(template: Template, given: unknown): ReadParams {
  const list: unknown[] = Array.isArray(given) ? given : [];
  const errors: string[] = given === undefined || given === null || Array.isArray(given) ? [] : ["Parameters must be a list of name and value"];
  const params: Record<string, string> = {};
  for (const item of list) {
    const { name, value } = (typeof item === "object" && item !== null ? item : {}) as {
      name?: unknown;
      value?: unknown;
    };
    if (typeof name !== "string" || !template.params.includes(name)) errors.push(`Unknown parameter: ${String(name)}`);
    else if (Object.hasOwn(params, name)) errors.push(`Parameter given twice: ${name}`);
    else if (typeof value !== "string" || value.trim() === "") errors.push(`Parameter is blank: ${name}`);
    else if (/[\n\r\t]| {4}/.test(value)) errors.push(`Parameter has a newline, a tab or four spaces in a row: ${name}`);
    else params[name] = value;
    if (typeof name === "string" && template.params.includes(name)) params[name] ??= "";
  }
  for (const name of template.params) if (!Object.hasOwn(params, name)) errors.push(`Missing parameter: ${name}`);
  return { params, errors };
}

/** The old single send reads parameters by position: besides the names, their order must be the body's. */
export function inBodyOrder(template: Template, given: unknown): boolean {
  const names = Array.isArray(given) ? given.map((item: { name?: unknown } | null) => item?.name) : [];
  return names.length === template.params.length && names.every((name, index) => name === template.params[index]);
}
