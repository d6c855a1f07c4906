@NullMarked
package dev.kimi.starter.leftout;

import org.jspecify.annotations.NullMarked;
