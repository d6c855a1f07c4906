/**
 * Where calls go and how: {@link dev.kimi.internal.endpoint.Endpoint} stands for one service,
 * {@link dev.kimi.internal.endpoint.Account} is what that service counts, {@link dev.kimi.internal.endpoint.Router}
 * chooses among several. Nothing here sends, waits or retries by itself.
 */
@NullMarked
package dev.kimi.internal.endpoint;

import org.jspecify.annotations.NullMarked;
