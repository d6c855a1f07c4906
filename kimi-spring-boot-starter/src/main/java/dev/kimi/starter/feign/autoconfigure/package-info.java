/** Auto-configuration of {@link dev.kimi.starter.feign.KimiApi}. */
@NullMarked
package dev.kimi.starter.feign.autoconfigure;

import org.jspecify.annotations.NullMarked;
