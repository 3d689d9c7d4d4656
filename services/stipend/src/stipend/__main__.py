from chassis.run import main
from stipend.service import DECLARED

main(DECLARED)
