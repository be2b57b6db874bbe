// Scalar offers services of its own: fonts, developer tools, a hosted client. All are off, and the policy of the page
// would block them. The token stays in the memory of the page and is gone after a reload.
Scalar.createApiReference("#reader", {
  url: "/openapi.json",
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: "never",
  hideClientButton: true,
  persistAuth: false,
  documentDownloadType: "direct",
  defaultOpenAllTags: false,
});

// Without this, Enter on "Test Request" opens the dialog and at once sends the request that the dialog showed before.
window.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && event.target.closest("button");
  if (!button || button.closest("[role=dialog]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!event.repeat) button.click();
}, true);
