@NullMarked
package dev.kimi.starter.aot;

import org.jspecify.annotations.NullMarked;
