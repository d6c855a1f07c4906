/** Auto-configuration of a {@code RetryTemplate} with the rules of {@code kimi.retry}. */
@NullMarked
package dev.kimi.starter.springretry.autoconfigure;

import org.jspecify.annotations.NullMarked;
