@NullMarked
package dev.kimi.starter.feign.autoconfigure;

import org.jspecify.annotations.NullMarked;
