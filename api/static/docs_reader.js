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
