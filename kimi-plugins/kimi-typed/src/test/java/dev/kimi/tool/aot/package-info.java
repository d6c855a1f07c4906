@NullMarked
package dev.kimi.tool.aot;

import org.jspecify.annotations.NullMarked;
