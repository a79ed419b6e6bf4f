extension APISchema {
  /// Of users, tokens and sessions.
  static let accounts: [(name: String, fields: KeyValuePairs<String, String>)] = [
    (
      "SessionStatus",
      [
        "required": "boolean", "signedIn": "boolean", "setup": "boolean", "name": "string?",
        "role": "viewer|operator|admin?",
        "means": "socket|local|session|token|set-up|none?", "token": "string?",
        "csrf": "string?", "expires": "time?",
      ]
    ),
    (
      "SignInRequest",
      ["name": "string", "password": "string", "token": "string?", "expires": "number?"]
    ),
    ("PasswordChange", ["current": "string", "password": "string"]),
    (
      "UserStatus",
      [
        "name": "string", "role": "viewer|operator|admin", "disabled": "boolean",
        "created": "time", "lastSignIn": "time?", "sessions": "integer", "tokens": "integer",
      ]
    ),
    (
      "NewUser",
      ["name": "string", "role": "viewer|operator|admin", "password": "string"]
    ),
    (
      "UserChange",
      ["role": "viewer|operator|admin?", "password": "string?", "disabled": "boolean?"]
    ),
    (
      "TokenStatus",
      [
        "name": "string", "owner": "string?", "scope": "metrics|viewer|operator|admin",
        "created": "time", "expires": "time?", "lastUsed": "time?",
      ]
    ),
    (
      "TokenRequest",
      ["name": "string", "scope": "metrics|viewer|operator|admin", "expires": "number?"]
    ),
    ("NewToken", ["token": "string", "status": "TokenStatus"]),
  ]
}
