@NullMarked
package dev.kimi.starter.oauth2;

import org.jspecify.annotations.NullMarked;
