/** What decides about retries without Spring Retry. */
@NullMarked
package dev.kimi.starter.springretry.internal;

import org.jspecify.annotations.NullMarked;
