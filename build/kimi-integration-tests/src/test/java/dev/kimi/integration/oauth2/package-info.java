/** OAuth2 credentials with tokens of a real Spring Authorization Server. */
@NullMarked
package dev.kimi.integration.oauth2;

import org.jspecify.annotations.NullMarked;
