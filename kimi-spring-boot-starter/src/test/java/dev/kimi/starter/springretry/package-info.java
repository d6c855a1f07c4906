@NullMarked
package dev.kimi.starter.springretry;

import org.jspecify.annotations.NullMarked;
