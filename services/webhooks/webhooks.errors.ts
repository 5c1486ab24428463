import { conflict, invalid, notFound, refuse } from "../../contract/errors.ts";

export const endpointNotFound = () => notFound("webhookEndpoint");
export const deliveryNotFound = () => notFound("delivery");
export const tooManyEndpoints = (most: number) =>
  conflict("TOO_MANY_ENDPOINTS", `There may be ${most} endpoints; remove one first.`);
export const endpointDisabled = () =>
  conflict("WEBHOOK_ENDPOINT_DISABLED", "The endpoint is switched off; switch it on first.");
export const urlRefused = (why: string) =>
  refuse(422, "WEBHOOK_URL_REFUSED", "Webhooks may not be sent to this address.", {
    errors: [{ pointer: "/url", message: why }],
  });
export const eventsExpired = (oldest: number) =>
  refuse(
    410,
    "EVENTS_EXPIRED",
    "Events after this place are kept no more; the lists of the API have the present state.",
    {
      oldest,
    },
  );
export const typeUnknown = (types: readonly string[]) =>
  refuse(422, "EVENT_TYPE_UNKNOWN", "There is no such event type.", {
    errors: [{ pointer: "/types", message: `has no event type ${types.join(", ")}` }],
  });
export const placeMalformed = () =>
  invalid([{ pointer: "/after", message: "Last-Event-ID must be the id of an event of this stream" }]);
