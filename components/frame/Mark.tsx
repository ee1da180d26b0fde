/** The mark: three lanes at different pace. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#1b2540" />
      <path fill="#d2f53c" d="M9.4 7h16.1l-1.3 4.6H8.1z" />
      <path fill="#d2f53c" fill-opacity=".72" d="M7.6 13.7h12.1l-1.3 4.6H6.3z" />
      <path fill="#d2f53c" fill-opacity=".45" d="M5.8 20.4h8.1L12.6 25H4.5z" />
    </svg>
  );
}
