package dev.kimi.oauth2;

/** What tokens are requested by. */
enum Grant {
    CLIENT_CREDENTIALS,
    REFRESH_TOKEN
}
