/** Credentials by OAuth2 client credentials ({@code kimi.auth.provider=oauth2}), with tokens kept in Caffeine. */
@NullMarked
package dev.kimi.oauth2;

import org.jspecify.annotations.NullMarked;
