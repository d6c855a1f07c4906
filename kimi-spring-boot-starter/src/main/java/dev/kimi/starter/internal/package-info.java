/** How declarative clients, of Feign and of HTTP service groups, send their requests through a client. */
@NullMarked
package dev.kimi.starter.internal;

import org.jspecify.annotations.NullMarked;
