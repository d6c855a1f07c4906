@NullMarked
package dev.kimi.starter.web;

import org.jspecify.annotations.NullMarked;
