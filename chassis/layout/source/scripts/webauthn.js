// The ceremony of a security key. The button's data names two addresses: `options` answers a POST with the options (binary
// values in base64url), `finish` takes the signed answer and returns {next} or {message}. What is said when it fails is
// written on the button, in the reader's language.

const toBytes = (text) => {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (sign) => sign.charCodeAt(0));
};

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const descriptors = (list) => list?.map((one) => ({ ...one, id: toBytes(one.id) }));

class Said extends Error {}

async function post(url, body) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": document.querySelector('meta[name="csrf-token"]')?.content ?? "",
    },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Said(answer.message ?? answer.detail ?? "");
  return answer;
}

async function register(options) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: descriptors(options.excludeCredentials),
    },
  });
  return inJson(credential, {
    clientDataJSON: toText(credential.response.clientDataJSON),
    attestationObject: toText(credential.response.attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  });
}

async function authenticate(options) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: descriptors(options.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  return inJson(credential, {
    clientDataJSON: toText(clientDataJSON),
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : null,
  });
}

// The credential in the JSON form that WebAuthn names for it.
const inJson = ({ id, rawId, type, authenticatorAttachment }, response) => ({
  id,
  rawId: toText(rawId),
  type,
  authenticatorAttachment,
  clientExtensionResults: {},
  response,
});

export function prepare(button) {
  const said = button.parentElement.querySelector("[data-webauthn-said]");
  const say = (text) => {
    if (said) said.textContent = text;
  };
  const words = button.dataset;
  button.hidden = false;
  if (!window.PublicKeyCredential) {
    button.disabled = true;
    say(words.saidUnsupported);
    return;
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    say(words.saidWorking);
    try {
      const options = await post(words.optionsUrl, {});
      const ceremony = words.webauthn === "register" ? register : authenticate;
      const signed = await ceremony(options.publicKey ?? options);
      const { next, message } = await post(words.finishUrl, signed);
      if (next) window.location.assign(next);
      else say(message ?? "");
    } catch (error) {
      if (error instanceof Said) say(error.message || words.saidRefused);
      else if (error?.name === "InvalidStateError") say(words.saidKnown);
      else if (error?.name === "NotAllowedError" || error?.name === "AbortError") say(words.saidCancelled);
      else if (error instanceof TypeError) say(words.saidOffline);
      else say(words.saidRefused);
    } finally {
      button.disabled = false;
    }
  });
}
