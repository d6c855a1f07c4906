/** A client with the tokens of a Spring Authorization Server. */
@NullMarked
package dev.kimi.samples.oauth2;

import org.jspecify.annotations.NullMarked;
